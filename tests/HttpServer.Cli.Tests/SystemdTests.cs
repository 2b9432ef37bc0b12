using System.Globalization;
using System.Runtime.InteropServices;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Services that <c>httpserver install-service</c> installs, under a real systemd.</summary>
public sealed class SystemdTests : IDisposable
{
    private const string Site = OwnSystemd.Mounts + "/0";

    private readonly TempDirectory _folder = new();

    public SystemdTests()
    {
        _folder.Write("a.txt", "content");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_service_is_installed_reloads_is_restarted_without_loss_and_is_taken_away()
    {
        await using var systemd = await StartAsync();
        var port = ListeningProgram.FindFreePort();
        await systemd.DoAsync([.. Server, "install-service", $"{port}", "--bind", "127.0.0.1", "--directory", Site,
            "--drain", "1", "--log", "/var/log/site/access.log"]);
        Assert.Equal("content", await AskAsync(port));
        Assert.Equal("active", await ShowAsync("ActiveState"));
        Assert.Equal("notify", await ShowAsync("Type"));
        Assert.Equal("yes", await ShowAsync("DynamicUser"));
        Assert.StartsWith($"Serving {Site} on ", await ShowAsync("StatusText"), StringComparison.Ordinal);

        await systemd.DoAsync("mv", "/var/log/site/access.log", "/var/log/site/old.log");
        await systemd.DoAsync("systemctl", "reload", "httpserver");
        Assert.Equal("content", await AskAsync(port));
        await systemd.DoAsync("systemctl", "restart", "httpserver");
        Assert.Contains("GET /a.txt", await systemd.DoAsync("cat", "/var/log/site/old.log"), StringComparison.Ordinal);
        Assert.Contains("GET /a.txt", await systemd.DoAsync("cat", "/var/log/site/access.log"), StringComparison.Ordinal);

        for (var round = 0; round < 2; round++)
            await AskWhileAsync(port, systemd.DoAsync("systemctl", "restart", "httpserver"));
        await systemd.DoAsync("systemctl", "kill", "--signal=KILL", "httpserver.service");
        Assert.Equal("content", await AskAsync(port));
        Assert.Equal("1", await ShowAsync("NRestarts"));

        await systemd.DoAsync([.. Server, "uninstall-service"]);
        Assert.Equal("", await systemd.DoAsync("find", "/etc/systemd/system", "-name", "httpserver*"));
        Assert.Contains((await systemd.RunAsync("systemctl", "is-active", "httpserver.service", "httpserver.socket")).Output,
            (string[])["inactive\ninactive\n", "unknown\nunknown\n"]);

        Task<string> ShowAsync(string property) => systemd.DoAsync("systemctl", "show", "httpserver.service", "--value", "-p", property);
    }

    [Fact]
    public async Task Instances_are_services_that_are_restarted_one_by_one()
    {
        await using var systemd = await StartAsync();
        await systemd.DoAsync([.. Server, "install-service", "--name", "site", "--instances", "2",
            "--bind", "unix:/run/site.sock", "--directory", Site, "--health", "/healthz"]);
        foreach (var restarted in (int[])[1, 2])
        {
            var restart = systemd.DoAsync("systemctl", "restart", string.Create(CultureInfo.InvariantCulture, $"site@{restarted}"));
            do
            {
                await systemd.DoAsync([.. Server, "health", string.Create(CultureInfo.InvariantCulture, $"unix:/run/site-{3 - restarted}.sock:/healthz")]);
            }
            while (!restart.IsCompleted);
            await restart;
            await systemd.DoAsync([.. Server, "health", string.Create(CultureInfo.InvariantCulture, $"unix:/run/site-{restarted}.sock:/healthz")]);
        }

        await systemd.DoAsync([.. Server, "uninstall-service", "--name", "site"]);
        Assert.Equal("", await systemd.DoAsync("find", "/etc/systemd/system", "-name", "site*"));
    }

    /// <summary>The program, where the systemd of the test sees it: homes and temporary folders are hidden from its services.</summary>
    private static string[] Server => [.. ServerProgram.IsLibrary ? (string[])[OwnSystemd.Mounts + "/2/dotnet"] : [],
        $"{OwnSystemd.Mounts}/1/{Path.GetFileName(ServerProgram.File)}"];

    private Task<OwnSystemd> StartAsync()
    {
        // From dotnet/shared/Microsoft.NETCore.App/10.0.0/ to dotnet.
        string[] runtime = ServerProgram.IsLibrary ? [Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory())] : [];
        return OwnSystemd.StartAsync([_folder.Path, Path.GetDirectoryName(ServerProgram.File)!, .. runtime]);
    }

    /// <summary>Asks again and again until something has ended, on a connection for each request.</summary>
    private static async Task AskWhileAsync(int port, Task<string> task)
    {
        do
        {
            Assert.Equal("content", await AskAsync(port));
        }
        while (!task.IsCompleted);
        await task;
    }

    private static async Task<string> AskAsync(int port)
    {
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        return (await client.ReadResponseAsync()).Text;
    }
}
