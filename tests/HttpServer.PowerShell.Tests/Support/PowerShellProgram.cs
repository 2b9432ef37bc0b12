using System.Diagnostics;
using System.Reflection;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>
/// The <c>pwsh</c> of the tests: what the environment variable HTTPSERVER_PWSH names, else the one that was built with them from
/// Microsoft.PowerShell.SDK, or with <c>-p:PowerShellEngine=installed</c> the first on the PATH.
/// </summary>
internal static class PowerShellProgram
{
    /// <summary>The oldest version that the module's manifest takes.</summary>
    private static readonly Version Oldest = new(7, 6);

    /// <summary>The folder of the one that was built with the tests: it has Pester too.</summary>
    public static readonly string BuiltFolder = Built("EngineFolder");

    private static readonly Lazy<Installation> Found = new(Find);

    /// <summary>What is missing, in one line that says what to install; null if nothing is.</summary>
    public static string? Missing => Found.Value.Missing;

    /// <summary>The program.</summary>
    public static string Program => Found.Value.Program ?? throw new InvalidOperationException(Missing);

    /// <summary>The folder that holds the engine, <c>$PSHOME</c>.</summary>
    public static string Home => Found.Value.Home ?? throw new InvalidOperationException(Missing);

    private static Installation Find()
    {
        var name = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";
        var named = Environment.GetEnvironmentVariable("HTTPSERVER_PWSH");
        var program = !string.IsNullOrEmpty(named)
            ? named
            : Built("PowerShellEngine") != "installed" ? Path.Combine(BuiltFolder, name)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (program is null)
            return new Installation("PowerShell is not installed: install PowerShell 7.6 or newer, so that pwsh is on the PATH (https://aka.ms/powershell).");
        if (!File.Exists(program) && program != named)
            return new Installation($"{program} is not there: build tests/HttpServer.PowerShell.Engine.");
        if (!File.Exists(program))
            return new Installation($"HTTPSERVER_PWSH names {program}, which is not there: name the pwsh of PowerShell 7.6 or newer.");
        if (HomeOf(program) is not { } home)
            return new Installation($"{program} is no PowerShell that works: install PowerShell 7.6 or newer (https://aka.ms/powershell).");
        var file = FileVersionInfo.GetVersionInfo(Path.Combine(home, "System.Management.Automation.dll"));
        var version = new Version(file.FileMajorPart, file.FileMinorPart);
        return version < Oldest
            ? new Installation($"PowerShell {version} at {program} is too old: install PowerShell 7.6 or newer (https://aka.ms/powershell).")
            : new Installation(null, program, home);
    }

    private static string Built(string key) =>
        typeof(PowerShellProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(entry => entry.Key == key).Value!;

    /// <summary>The folder of the program behind all links. A .NET tool's program lies elsewhere than its engine, and is asked for it.</summary>
    private static string? HomeOf(string program)
    {
        var target = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(program);
        return HasEngine(Path.GetDirectoryName(target)) ?? HasEngine(AskForHome(program));
    }

    private static string? HasEngine(string? folder) =>
        folder is not null && File.Exists(Path.Combine(folder, "System.Management.Automation.dll")) ? folder : null;

    private static string? AskForHome(string program)
    {
        try
        {
            var answer = ChildProcess.RunAsync(program, ["-NoProfile", "-NonInteractive", "-Command", "$PSHOME"], TimeSpan.FromMinutes(1));
            return answer.GetAwaiter().GetResult().Output.Trim();
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or TimeoutException)
        {
            return null;
        }
    }

    private sealed record Installation(string? Missing, string? Program = null, string? Home = null);
}
