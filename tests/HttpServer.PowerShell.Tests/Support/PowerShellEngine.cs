using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>
/// The PowerShell engine in this process: the one of <see cref="PowerShellProgram"/>. Its types are loaded when the first method that names
/// one is called, so tests that need them are <see cref="EngineFactAttribute">engine facts</see>, and no test class has them in
/// the signature of a method.
/// </summary>
internal static class PowerShellEngine
{
    private const string Engine = "System.Management.Automation";

    private static readonly Lazy<string?> Reason = new(FindReason);

    /// <summary>Why there is no engine, in one line that says what to install; null if there is one.</summary>
    public static string? Missing => Reason.Value;

    /// <summary>A PowerShell may have some libraries in folders of their own, which its pwsh.deps.json tells.</summary>
    private static Lazy<AssemblyDependencyResolver?> Resolver { get; } =
        new(static () => Missing is null && File.Exists(Path.Combine(PowerShellProgram.Home, "pwsh.dll")) ? new(Path.Combine(PowerShellProgram.Home, "pwsh.dll")) : null);

    /// <summary>Runs before anything else of the tests, so that no type of the engine is looked for in vain.</summary>
    [ModuleInitializer]
    internal static void Prepare()
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            (Find($"{name.Name}.dll", name.CultureName) ?? Resolver.Value?.ResolveAssemblyToPath(name)) is { } path ? context.LoadFromAssemblyPath(path) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += static (_, name) =>
            (FindNative(name) ?? Resolver.Value?.ResolveUnmanagedDllToPath(name)) is { } path ? NativeLibrary.Load(path) : IntPtr.Zero;
    }

    private static string? Find(string file, string? culture)
    {
        if (Missing is not null)
            return null;
        var path = Path.Combine(PowerShellProgram.Home, culture ?? "", file);
        return File.Exists(path) ? path : null;
    }

    private static string? FindNative(string name) =>
        new[] { name, name + ".dll", $"lib{name}.so", $"lib{name}.dylib" }.Select(static file => Find(file, null)).FirstOrDefault(static path => path is not null);

    private static string? FindReason()
    {
        if (PowerShellProgram.Missing is { } missing)
            return missing;
        var needed = RuntimeOf(Path.Combine(PowerShellProgram.Home, Engine + ".dll"));
        return needed.Major > Environment.Version.Major
            ? $"{PowerShellProgram.Program} is built for .NET {needed.Major}, the tests for .NET {Environment.Version.Major}: name a pwsh of PowerShell 7.6 with HTTPSERVER_PWSH."
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
