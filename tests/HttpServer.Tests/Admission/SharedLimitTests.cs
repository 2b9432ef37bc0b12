using Http.Server.Tests.Support;

namespace Http.Server.Tests.Admission;

/// <summary>Servers with one store hold clients to one limit, whatever tells the clients apart.</summary>
public sealed class SharedLimitTests : IAsyncDisposable
{
    private static readonly BasicAuthentication Users = BasicAuthentication.FromPasswords(
        new Dictionary<string, string> { ["anna"] = "geheim", ["ben"] = "geheim" });

    private readonly FakeSharedStore _store = new();
    private readonly List<RunningServer> _servers = [];

    [Theory]
    [InlineData("Address", "", "")]
    [InlineData("Header:X-Key", "X-Key: one\r\n", "X-Key: two\r\n")]
    [InlineData("User", "Authorization: Basic YW5uYTpnZWhlaW0=\r\n", "Authorization: Basic YmVuOmdlaGVpbQ==\r\n")]
    public async Task Requests_to_all_of_them_count(string key, string client, string other)
    {
        var (one, two) = (Serve(key), Serve(key));
        Assert.Equal(200, (await one.GetAsync("/", client)).Status);
        Assert.Equal(200, (await two.GetAsync("/", client)).Status);
        var answer = await one.GetAsync("/", client);
        Assert.Equal((429, "1800"), (answer.Status, answer["Retry-After"]));
        Assert.Equal(429, (await two.GetAsync("/", client)).Status);
        if (other != "")
            Assert.Equal(200, (await two.GetAsync("/", other)).Status);
        Assert.All(_store.Buckets, static name => Assert.StartsWith("rate:server:2/h:", name, StringComparison.Ordinal));
        Assert.DoesNotContain(_store.Buckets, static name => name.Contains("one", StringComparison.Ordinal) || name.Contains("anna", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_store_is_away_each_counts_for_itself_and_says_so_once()
    {
        var (one, two) = (Serve("Address"), Serve("Address"));
        _store.IsAway = true;
        foreach (var server in new[] { one, two })
        {
            Assert.Equal(200, (await server.GetAsync("/")).Status);
            Assert.Equal(200, (await server.GetAsync("/")).Status);
            Assert.Equal(429, (await server.GetAsync("/")).Status);
            Assert.Single(server.Log.Messages, static message => message.Level == LogLevel.Warning);
        }

        _store.IsAway = false;
        Assert.Equal(200, (await one.GetAsync("/")).Status);
        Assert.Equal(200, (await two.GetAsync("/")).Status);
        Assert.Equal(429, (await one.GetAsync("/")).Status);
        Assert.Single(one.Log.Messages, static message => message.Text.Contains("with the other servers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_of_one_process_is_not_asked()
    {
        await using var server = ActionHandler.Serve(static handler => handler.SendText("here"), new HttpServerOptions { RateLimit = RateLimit.Parse("1/h") });
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Assert.Equal(429, (await server.GetAsync("/")).Status);
        Assert.Equal(0, Assert.IsType<Http.Server.State.MemoryStateStore>(server.Server.StateStore).Count);
    }

    [Fact]
    public async Task A_refused_address_takes_no_token()
    {
        var server = Serve("Address", new HttpServerOptions { DeniedAddresses = [System.Net.IPNetwork.Parse("127.0.0.0/8")] });
        Assert.Equal(403, (await server.GetAsync("/")).Status);
        Assert.Empty(_store.Buckets);
    }

    [Fact]
    public async Task A_host_with_threads_of_its_own_is_not_called_for_a_refusal()
    {
        var invoked = 0;
        var server = new RunningServer(
            () =>
            {
                var handler = ActionHandler.Of(static handler => handler.SendText("here"));
                handler.RequestInvoker = (_, answer) =>
                {
                    Interlocked.Increment(ref invoked);
                    return answer();
                };
                return handler;
            },
            new HttpServerOptions { RateLimit = RateLimit.Parse("1/h"), StateStore = _store });
        _servers.Add(server);
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Assert.Equal(429, (await server.GetAsync("/")).Status);
        Assert.Equal(1, invoked);
    }

    [Fact]
    public async Task A_limit_of_a_part_is_shared_by_its_name()
    {
        var (named, unnamed) = (RateLimit.Parse("1/h") with { Name = "search" }, RateLimit.Parse("1/h"));
        for (var at = 0; at < 2; at++)
        {
            _servers.Add(ActionHandler.ServeAsync(
                async handler =>
                {
                    if (await handler.TryAdmitAsync(handler.Path == "/named" ? named : unnamed))
                        handler.SendText("here");
                },
                new HttpServerOptions { StateStore = _store }));
        }

        Assert.Equal(200, (await _servers[0].GetAsync("/named")).Status);
        Assert.Equal(429, (await _servers[1].GetAsync("/named")).Status);
        Assert.Equal(200, (await _servers[0].GetAsync("/own")).Status);
        Assert.Equal(200, (await _servers[1].GetAsync("/own")).Status);
        Assert.Equal(429, (await _servers[1].GetAsync("/own")).Status);
    }

    [Fact]
    public async Task A_handler_that_cannot_do_without_the_store_is_answered_503()
    {
        _store.IsAway = true;
        var server = ActionHandler.ServeAsync(
            static async handler => handler.SendText((await handler.Server.StateStore.GetAsync("a"))?.ToString() ?? ""), new HttpServerOptions { StateStore = _store });
        _servers.Add(server);
        var answer = await server.GetAsync("/");
        Assert.Equal((503, "1"), (answer.Status, answer["Retry-After"]));
        Assert.Contains(server.Log.Messages, static message => message.Level == LogLevel.Warning && message.Text == "\"GET / HTTP/1.1\": The store is away.");
        _store.IsAway = false;
        Assert.Equal(200, (await server.GetAsync("/")).Status);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private RunningServer Serve(string key, HttpServerOptions? options = null)
    {
        var server = new RunningServer(
            () =>
            {
                var handler = ActionHandler.Of(static handler => handler.SendText("here"));
                handler.Authentication = key == "User" ? Users : null;
                return handler;
            },
            (options ?? new()) with { RateLimit = RateLimit.Parse("2/h", key), StateStore = _store });
        _servers.Add(server);
        return server;
    }
}
