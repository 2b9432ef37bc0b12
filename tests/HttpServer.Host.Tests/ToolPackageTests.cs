using System.IO.Compression;

namespace Http.Server.Host.Tests;

/// <summary>The host as a .NET tool.</summary>
public sealed class ToolPackageTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_installed_from_its_package_and_answers()
    {
        DotnetSdk.Require();
        var packages = _folder.MakeDirectory("packages");
        await DotnetSdk.PackBuiltAsync("src/HttpServer.Host", packages);
        var package = Assert.Single(Directory.GetFiles(packages, "HttpServer.Host.*.nupkg"));
        AssertContent(package);

        var tools = Path.Combine(_folder.Path, "tools");
        await DotnetSdk.RunAsync(
            "tool", "install", "HttpServer.Host", "--tool-path", tools, "--add-source", packages,
            "--configfile", DotnetSdk.WriteConfiguration(_folder.Path, packages),
            "--version", Path.GetFileNameWithoutExtension(package)["HttpServer.Host.".Length..]);
        await using var host = HostProcess.StartProgram(
            Path.Combine(tools, OperatingSystem.IsWindows() ? "httpserver-host.exe" : "httpserver-host"),
            _folder.Path,
            new Dictionary<string, string> { ["DOTNET_ROOT"] = DotnetSdk.Root, ["HOME"] = _folder.MakeDirectory("home") },
            "-Command",
            "$server = Start-HttpServer 0 -Bind 127.0.0.1; Register-HttpHandler GET /hello { 'from the tool' }; Invoke-RestMethod \"$($server.Uri)hello\"; exit 3");
        Assert.Equal(3, await host.WaitForEndAsync());
        Assert.Equal("from the tool", host.Output.Trim());
    }

    private static void AssertContent(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        var names = archive.Entries.Select(static entry => entry.FullName).ToList();
        Assert.Contains("README.md", names);
        Assert.Contains("tools/net10.0/any/Modules/HttpServer/HttpServer.psd1", names);
        Assert.Contains("tools/net10.0/any/Modules/PSReadLine/PSReadLine.psd1", names);
        // There is one copy of the module's assemblies.
        Assert.Single(archive.Entries, static entry => entry.Name == "HttpServer.PowerShell.dll");
        Assert.Single(archive.Entries, static entry => entry.Name == "HttpServer.dll");
    }
}
