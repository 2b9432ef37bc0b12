using System.IO.Compression;
using System.Xml.Linq;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class ToolPackageTests : IDisposable
{
    /// <summary>Build servers that outlive a command would keep its output open.</summary>
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
    };

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pack_makes_a_dotnet_tool_that_can_be_installed_and_runs()
    {
        var packages = _folder.MakeDirectory("packages");
        var project = Path.Combine(ServerProgram.Repository, "src", "HttpServer.Cli");
        await RunDotnetAsync("pack", project, "--no-build", "-c", ServerProgram.Configuration, "-o", packages);
        var package = Assert.Single(Directory.GetFiles(packages, "HttpServer.Cli.*.nupkg"));
        var version = Path.GetFileNameWithoutExtension(package)["HttpServer.Cli.".Length..];
        AssertToolSettings(package);

        // A configuration of its own, so that no other source is asked for a package of this name.
        var configuration = _folder.Write("nuget.config", $"""
            <configuration><packageSources><clear/><add key="here" value="{packages}"/></packageSources></configuration>
            """);
        var tools = Path.Combine(_folder.Path, "tools");
        await RunDotnetAsync(
            "tool", "install", "HttpServer.Cli", "--tool-path", tools, "--add-source", packages, "--configfile", configuration, "--version", version);
        var installed = Path.Combine(tools, OperatingSystem.IsWindows() ? "httpserver.exe" : "httpserver");
        var result = await ServerProgram.RunToolAsync(installed, ["--version"]);
        Assert.Equal(new ProgramResult(0, version + System.Environment.NewLine, ""), result);
    }

    private static void AssertToolSettings(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        var settings = Assert.Single(archive.Entries, entry => entry.Name == "DotnetToolSettings.xml");
        using var content = settings.Open();
        var command = Assert.Single(XDocument.Load(content).Descendants("Command"));
        Assert.Equal("httpserver", command.Attribute("Name")?.Value);
        Assert.Equal("httpserver.dll", command.Attribute("EntryPoint")?.Value);
        Assert.Single(archive.Entries, entry => entry.Name == "httpserver.dll");
    }

    private static async Task RunDotnetAsync(params string[] arguments)
    {
        var result = await ServerProgram.RunToolAsync("dotnet", arguments, environment: Environment);
        Assert.True(result.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {result.Output}{result.Errors}");
    }
}
