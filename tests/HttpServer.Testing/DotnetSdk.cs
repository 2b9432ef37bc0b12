using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Http.Server.Tests.Support;

/// <summary>The .NET SDK, for tests that pack, install, publish or build something of their own.</summary>
public static class DotnetSdk
{
    /// <summary>The folder of the .NET that runs the tests: what a launcher outside of it needs as <c>DOTNET_ROOT</c>.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    /// <summary>The top of the sources.</summary>
    public static string Repository { get; } = Path.GetFullPath("../../../../..", AppContext.BaseDirectory);

    /// <summary>Debug or Release: what the tests were built in.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Skips the test where there is no SDK; to be asked before anything else is done.</summary>
    /// <returns>The path of its program.</returns>
    public static string Require() => Tool.Require("dotnet", "dotnet-sdk-10.0");

    /// <summary>Runs a command of the SDK, which must succeed.</summary>
    /// <returns>What it has said.</returns>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Require(), arguments);
        // Build servers that outlive the command would keep its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        var (exitCode, output, errors) = await Tool.RunAsync(start);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {exitCode}: {output}{errors}");
        return output + errors;
    }

    /// <summary>Packs a project as it has been built with the tests, and leaves its own folders as they are.</summary>
    /// <param name="project">Its folder below the repository.</param>
    /// <param name="packages">Where the packages go.</param>
    public static async Task PackBuiltAsync(string project, string packages)
    {
        // A tool is published before it is packed: not to the folder of the built program, which other tests run and look into.
        var published = Directory.CreateTempSubdirectory("httpserver-test-");
        try
        {
            await RunAsync(
                "pack", Path.Combine(Repository, project), "--no-build", "-c", Configuration, "-o", packages, $"-p:PublishDir={published.FullName}/");
        }
        finally
        {
            published.Delete(recursive: true);
        }
    }

    /// <summary>Writes a configuration that knows one source of packages and keeps what it unpacks to itself, so that no other is asked or filled.</summary>
    /// <param name="folder">Where it is written, with the unpacked packages.</param>
    /// <param name="packages">The folder that is the source.</param>
    /// <returns>Its path.</returns>
    public static string WriteConfiguration(string folder, string packages)
    {
        var path = Path.Combine(folder, "nuget.config");
        File.WriteAllText(path, $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Path.Combine(folder, "cache")}"/></config>
              <packageSources><clear/><add key="here" value="{packages}"/></packageSources>
            </configuration>
            """);
        return path;
    }
}
