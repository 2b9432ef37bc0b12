using System.Diagnostics;
using System.Net.Sockets;

namespace Http.Server.Redis.Tests.Support;

/// <summary>HAProxy in front of several servers, one after the other, at a Unix domain socket.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _folder = new();
    private Process? _process;

    private string SocketPath => Path.Combine(_folder.Path, "front");

    public static async Task<Balancer> StartAsync(IEnumerable<RunningServer> servers)
    {
        var program = Tool.Require("haproxy", "haproxy");
        var balancer = new Balancer();
        var lines = servers.Select((server, number) => $"    server s{number} 127.0.0.1:{server.Port}");
        var configuration = balancer._folder.Write("haproxy.cfg", $"""
            defaults
                mode http
                timeout connect 10s
                timeout client 30s
                timeout server 30s
            listen front
                bind unix@{balancer.SocketPath}
                balance roundrobin
            {string.Join('\n', lines)}

            """);
        balancer._process = Process.Start(new ProcessStartInfo(program, ["-db", "-f", configuration]) { RedirectStandardError = true })!;
        var errors = balancer._process.StandardError.ReadToEndAsync();
        for (var since = Stopwatch.GetTimestamp(); !await balancer.ListensAsync(); await Task.Delay(10))
        {
            if (balancer._process.HasExited)
                Assert.Fail($"haproxy does not run: {await errors}");
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, "haproxy does not listen.");
        }

        return balancer;
    }

    public async Task<RawResponse> GetAsync(string target)
    {
        using var client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            (await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath))).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
