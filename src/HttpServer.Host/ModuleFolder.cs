using System.Runtime.Loader;

namespace Http.Server.Host;

/// <summary>The module beside the program, as a user would install it.</summary>
internal static class ModuleFolder
{
    /// <summary>Modules that come with the program.</summary>
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "Modules");

    /// <summary>The module's manifest.</summary>
    public static string Manifest { get; } = Path.Combine(Root, "HttpServer", "HttpServer.psd1");

    /// <summary>
    /// Lets the program's own references find the module's assemblies where PowerShell loads them from, so that there is one copy
    /// of each in the process, and <c>Import-Module HttpServer</c> find the module by its name.
    /// </summary>
    public static void Register()
    {
        var bin = Path.Combine(Root, "HttpServer", "module", "bin");
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            name.Name is "HttpServer" or "HttpServer.Hosting" or "HttpServer.PowerShell"
                ? context.LoadFromAssemblyPath(Path.Combine(bin, name.Name + ".dll"))
                : null;
        string?[] folders = [Root, EngineModules(), Environment.GetEnvironmentVariable("PSModulePath")];
        var path = string.Join(Path.PathSeparator, folders.Where(static folder => !string.IsNullOrEmpty(folder)));
        Environment.SetEnvironmentVariable("PSModulePath", path);
    }

    /// <summary>
    /// The folder of PowerShell's own modules; null if PowerShell finds it by itself, beside its assembly. In a program that was
    /// published for one system the assembly lies beside the program, and the modules still below <c>runtimes</c>.
    /// </summary>
    private static string? EngineModules()
    {
        var libraries = Path.Combine(AppContext.BaseDirectory, "runtimes", OperatingSystem.IsWindows() ? "win" : "unix", "lib");
        return Directory.Exists(libraries)
            ? Directory.EnumerateDirectories(libraries)
                .Select(static folder => Path.Combine(folder, "Modules"))
                .FirstOrDefault(Directory.Exists)
            : null;
    }
}
