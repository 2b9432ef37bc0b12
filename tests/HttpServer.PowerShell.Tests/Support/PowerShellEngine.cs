using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>
/// The PowerShell engine in this process: the one of Microsoft.PowerShell.SDK if the tests were built with it
/// (<c>-p:PowerShellEngine=sdk</c>), else the one of the installed <c>pwsh</c>. Its types are loaded when the first method that names
/// one is called, so tests that need them are <see cref="EngineFactAttribute">engine facts</see>, and no test class has them in
/// the signature of a method.
/// </summary>
internal static class PowerShellEngine
{
    private const string Engine = "System.Management.Automation";

    private static readonly Lazy<string?> Reason = new(FindReason);

    /// <summary>Why there is no engine, in one line that says what to install; null if there is one.</summary>
    public static string? Missing => Reason.Value;

    private static bool IsBuiltIn { get; } = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator)
        .Any(static path => Path.GetFileNameWithoutExtension(path).Equals(Engine, StringComparison.OrdinalIgnoreCase));

    /// <summary>A PowerShell that was installed as a .NET tool has some libraries in folders of their own, which its pwsh.deps.json tells.</summary>
    private static Lazy<AssemblyDependencyResolver?> Resolver { get; } =
        new(static () => Missing is null && File.Exists(Path.Combine(InstalledPowerShell.Home, "pwsh.dll")) ? new(Path.Combine(InstalledPowerShell.Home, "pwsh.dll")) : null);

    /// <summary>Runs before anything else of the tests, so that no type of the engine is looked for in vain.</summary>
    [ModuleInitializer]
    internal static void Prepare()
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        if (IsBuiltIn)
            return;
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            (Find($"{name.Name}.dll", name.CultureName) ?? Resolver.Value?.ResolveAssemblyToPath(name)) is { } path ? context.LoadFromAssemblyPath(path) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += static (_, name) =>
            (FindNative(name) ?? Resolver.Value?.ResolveUnmanagedDllToPath(name)) is { } path ? NativeLibrary.Load(path) : IntPtr.Zero;
    }

    private static string? Find(string file, string? culture)
    {
        if (Missing is not null)
            return null;
        var path = Path.Combine(InstalledPowerShell.Home, culture ?? "", file);
        return File.Exists(path) ? path : null;
    }

    private static string? FindNative(string name) =>
        new[] { name, name + ".dll", $"lib{name}.so", $"lib{name}.dylib" }.Select(static file => Find(file, null)).FirstOrDefault(static path => path is not null);

    private static string? FindReason()
    {
        if (IsBuiltIn)
            return null;
        if (InstalledPowerShell.Missing is { } missing)
            return missing;
        var needed = RuntimeOf(Path.Combine(InstalledPowerShell.Home, Engine + ".dll"));
        return needed.Major > Environment.Version.Major
            ? $"{InstalledPowerShell.Program} is built for .NET {needed.Major}, the tests for .NET {Environment.Version.Major}: name a pwsh of PowerShell 7.6 with HTTPSERVER_PWSH."
            : null;
    }

    /// <summary>The version of .NET that an assembly was compiled for.</summary>
    private static Version RuntimeOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return metadata.AssemblyReferences.Select(metadata.GetAssemblyReference)
            .First(reference => metadata.StringComparer.Equals(reference.Name, "System.Runtime")).Version;
    }
}
