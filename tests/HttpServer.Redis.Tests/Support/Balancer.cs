using System.Net.Sockets;

namespace Http.Server.Redis.Tests.Support;

/// <summary>HAProxy in front of several servers, one after the other, at a Unix domain socket.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private ListeningProgram? _program;

    private UnixDomainSocketEndPoint Front => new(Path.Combine(_folder.Path, "front"));

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
                bind unix@{balancer.Front}
                balance roundrobin
            {string.Join('\n', lines)}

            """);
        balancer._program = await ListeningProgram.StartAsync(program, ["-db", "-f", configuration], balancer.Front);
        return balancer;
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Front);

    public async Task<RawResponse> GetAsync(string target, string headers = "")
    {
        using var client = await ConnectAsync();
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _folder.Dispose();
    }
}
