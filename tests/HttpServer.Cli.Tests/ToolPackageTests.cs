using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Packages are made when the other tests have ended: compiling a native program takes both processors for minutes.</summary>
[Collection(nameof(ToolPackageTests))]
[CollectionDefinition(nameof(ToolPackageTests), DisableParallelization = true)]
public sealed class ToolPackageTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    /// <summary>Where the native program can be linked, as the project has it.</summary>
    private static bool CanLink =>
        RuntimeInformation.RuntimeIdentifier == "linux-x64" && Tool.Find("clang", "gcc") is { } linker && Path.GetDirectoryName(linker) == "/usr/bin";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pack_makes_a_dotnet_tool_that_can_be_installed_and_runs()
    {
        DotnetSdk.Require();
        Assert.SkipUnless(CanLink, "The native program needs linux-x64 and a linker: install the package gcc or clang.");
        var (packages, version) = await PackAsync();
        Assert.Equal(
            ["HttpServer.Cli", "HttpServer.Cli.any", "HttpServer.Cli.linux-x64"],
            Directory.GetFiles(packages).Select(path => Path.GetFileNameWithoutExtension(path)[..^(version.Length + 1)]).Order(StringComparer.Ordinal));
        AssertToolSettings(Path.Combine(packages, $"HttpServer.Cli.linux-x64.{version}.nupkg"), "executable", "httpserver");
        AssertToolSettings(Path.Combine(packages, $"HttpServer.Cli.any.{version}.nupkg"), "dotnet", "HttpServer.Cli.dll");

        var native = await InstallAsync(packages, version);
        Assert.True(await IsNativeAsync(native), $"{native} is not the native program.");
        Assert.Equal(
            new ProgramResult(0, version + Environment.NewLine, ""),
            await ServerProgram.RunToolAsync(native, ["--version"]));

        // What a system without a package of its own gets.
        var portable = _folder.MakeDirectory("portable");
        await ZipFile.ExtractToDirectoryAsync(
            Path.Combine(packages, $"HttpServer.Cli.any.{version}.nupkg"), portable, TestContext.Current.CancellationToken);
        var library = Assert.Single(Directory.GetFiles(portable, "HttpServer.Cli.dll", SearchOption.AllDirectories));
        Assert.Equal(
            new ProgramResult(0, version + Environment.NewLine, ""),
            await ServerProgram.RunToolAsync("dotnet", [library, "--version"]));
    }

    [Fact]
    public async Task Without_a_linker_the_package_has_the_portable_program_alone()
    {
        DotnetSdk.Require();
        var (packages, version) = await PackAsync("-p:CanLinkForLinux=false");
        Assert.Equal(
            ["HttpServer.Cli", "HttpServer.Cli.any"],
            Directory.GetFiles(packages).Select(path => Path.GetFileNameWithoutExtension(path)[..^(version.Length + 1)]).Order(StringComparer.Ordinal));
        var installed = await InstallAsync(packages, version);
        Assert.Equal(
            new ProgramResult(0, version + Environment.NewLine, ""),
            await ServerProgram.RunToolAsync(installed, ["--version"], environment: new Dictionary<string, string> { ["DOTNET_ROOT"] = DotnetSdk.Root }));
    }

    /// <summary>Packs into folders of its own: other tests run the built program meanwhile.</summary>
    private async Task<(string Packages, string Version)> PackAsync(params string[] options)
    {
        var packages = _folder.MakeDirectory("packages");
        var project = Path.Combine(ServerProgram.Repository, "src", "HttpServer.Cli");
        await DotnetSdk.RunAsync(["pack", project, "-c", "Release", "--artifacts-path", Path.Combine(_folder.Path, "artifacts"), "-o", packages, .. options]);
        var portable = Assert.Single(Directory.GetFiles(packages, "HttpServer.Cli.any.*.nupkg"));
        return (packages, Path.GetFileNameWithoutExtension(portable)["HttpServer.Cli.any.".Length..]);
    }

    private async Task<string> InstallAsync(string packages, string version)
    {
        var configuration = DotnetSdk.WriteConfiguration(_folder.Path, packages);
        var tools = Path.Combine(_folder.Path, "tools");
        await DotnetSdk.RunAsync([
            "tool", "install", "HttpServer.Cli", "--tool-path", tools, "--add-source", packages, "--configfile", configuration,
            "--version", version,
        ]);
        return Path.Combine(tools, OperatingSystem.IsWindows() ? "httpserver.exe" : "httpserver");
    }

    private static void AssertToolSettings(string package, string runner, string entryPoint)
    {
        using var archive = ZipFile.OpenRead(package);
        var settings = Assert.Single(archive.Entries, entry => entry.Name == "DotnetToolSettings.xml");
        using var content = settings.Open();
        var command = Assert.Single(XDocument.Load(content).Descendants("Command"));
        Assert.Equal("httpserver", command.Attribute("Name")?.Value);
        Assert.Equal(runner, command.Attribute("Runner")?.Value);
        Assert.Equal(entryPoint, command.Attribute("EntryPoint")?.Value);
        Assert.Single(archive.Entries, entry => entry.Name == entryPoint);
        Assert.DoesNotContain(archive.Entries, entry => entry.Name is "httpserver.dbg" or "HttpServer.Cli.dbg" or "HttpServer.Cli.xml");
    }

    /// <summary>The installed program is a native one with everything in it, not a launcher of some kilobytes.</summary>
    private static async Task<bool> IsNativeAsync(string path)
    {
        await using var file = File.OpenRead(path);
        var start = new byte[4];
        await file.ReadExactlyAsync(start);
        return start is [0x7F, (byte)'E', (byte)'L', (byte)'F'] && file.Length > 4_000_000;
    }
}
