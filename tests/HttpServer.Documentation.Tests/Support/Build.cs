namespace Http.Server.Documentation.Tests.Support;

/// <summary>Where the sources are, and what was built of them in the configuration of the tests.</summary>
internal static class Build
{
    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory);

    /// <summary>The repository's top.</summary>
    public static string Root { get; } = Path.GetFullPath("../../../../..", AppContext.BaseDirectory);

    /// <summary>The library.</summary>
    public static string Library { get; } = OutputOf("src/HttpServer", "HttpServer.dll");

    /// <summary>The command line.</summary>
    public static string CommandLine { get; } = OutputOf("src/HttpServer.Cli", "HttpServer.Cli.dll");

    /// <summary>The PowerShell host.</summary>
    public static string Host { get; } = OutputOf("src/HttpServer.Host", "httpserver-host.dll");

    /// <summary>The PowerShell of the tests.</summary>
    public static string PowerShell { get; } = OutputOf("tests/HttpServer.PowerShell.Engine", "pwsh.dll");

    /// <summary>The module's manifest.</summary>
    public static string Module { get; } = Path.Combine(Root, "HttpServer.psd1");

    private static string OutputOf(string project, string file) => Path.Combine(Root, project, "bin", Output.Parent!.Name, Output.Name, file);
}
