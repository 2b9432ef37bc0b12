using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Programs with one store hold their clients to one limit, and serve while it is away.</summary>
public sealed class StateStoreTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public StateStoreTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("localhost:6379", "--state-store: 'localhost:6379' is no address of a store: give redis://HOST:PORT, or rediss://HOST:PORT for TLS.")]
    [InlineData("redis://anna:secret@localhost/x", "--state-store: 'redis://...@localhost/x' is no address of a store: behind the host comes the number of the database")]
    public async Task What_is_no_address_is_told_without_its_password(string url, string message)
    {
        var (code, _, errors) = await ServerProgram.RunAsync("--state-store", url);
        Assert.Equal(2, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_away_is_said_and_no_hindrance()
    {
        // Nobody listens at the port of the discard protocol.
        await using var program = await ServeAsync("redis://:secret@127.0.0.1:9");
        Assert.Equal([200, 200, 200, 429], await StatusesAsync([program, program, program, program]));
        var errors = (await program.StopAsync()).Errors;
        Assert.Contains("The store redis://127.0.0.1:9 is away: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_count_together()
    {
        var redis = Tool.Require("redis-server", "redis-server");
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        probe.Close();
        using var store = Process.Start(new ProcessStartInfo(redis, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder.Path]) { RedirectStandardOutput = true })!;
        var listens = store.StandardOutput;
        while (await listens.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
            // The lines before.
        }

        try
        {
            await using var one = await ServeAsync($"redis://127.0.0.1:{port}");
            await using var other = await ServeAsync($"redis://127.0.0.1:{port}");
            Assert.Equal([200, 200, 200, 429, 429], await StatusesAsync([one, other, one, other, one]));
        }
        finally
        {
            store.Kill();
            await store.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<List<int>> StatusesAsync(IEnumerable<ServerProgram> programs)
    {
        var statuses = new List<int>();
        foreach (var program in programs)
            statuses.Add((await program.GetAsync("/a.txt")).Status);
        return statuses;
    }

    private Task<ServerProgram> ServeAsync(string url) =>
        ServerProgram.ServeAsync("0", "--bind", "127.0.0.1", "--directory", _folder.Path, "--rate-limit", "3/h", "--state-store", url);
}
