using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Requests;

public sealed class HealthTests
{
    private static readonly HttpServerOptions Options = new() { HealthPath = "/healthz" };

    [Fact]
    public async Task A_health_check_is_answered_whatever_the_handler_and_is_not_logged()
    {
        await using var server = Serve(Options, _ => throw new InvalidOperationException("broken"));
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        Assert.Equal((200, "{\"status\":\"ok\"}", "no-store", "application/json"), (answer.Status, answer.Text, answer["Cache-Control"], answer["Content-Type"]));
        Assert.Null(answer["Server"]);
        await client.SendAsync("HEAD /healthz?a=b HTTP/1.1\r\nHost: test\r\n\r\n");
        answer = await client.ReadResponseAsync(isHead: true);
        Assert.Equal((200, "15"), (answer.Status, answer["Content-Length"]));
        await client.SendAsync("GET /other HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(500, (await client.ReadResponseAsync()).Status);
        await server.Log.WaitForAsync(log => !log.Requests.IsEmpty);
        Assert.Equal("GET /other HTTP/1.1", Assert.Single(server.Log.Requests).Line);
    }

    [Fact]
    public async Task It_needs_no_password_and_nothing_else_is_let_in_by_it()
    {
        var users = BasicAuthentication.FromPasswords([new("anna", "secret")]);
        await using var server = new RunningServer(() =>
        {
            var handler = ActionHandler.Of(handler => handler.SendText("in"));
            handler.Authentication = users;
            return handler;
        }, Options);
        Assert.Equal(200, (await server.GetAsync("/healthz")).Status);
        foreach (var target in new[] { "/", "/healthz/", "/healthz/../a", "//healthz", "/%68ealthz", "/Healthz", "/healthz;a", "/?/healthz" })
            Assert.Equal(401, (await server.GetAsync(target)).Status);
        Assert.Equal(401, (await server.SendAsync("POST /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")).Status);
    }

    [Fact]
    public async Task HTTP_1_0_keeps_the_connection_only_if_asked_to()
    {
        await using var server = Serve(Options, handler => handler.SendText("a"));
        Assert.Equal("close", (await server.SendAsync("GET /healthz HTTP/1.0\r\n\r\n"))["Connection"]);
        Assert.Equal("keep-alive", (await server.SendAsync("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))["Connection"]);
    }

    [Fact]
    public async Task While_it_drains_a_server_serves_on_and_says_503_to_health_checks()
    {
        await using var server = Serve(Options with { DrainTime = TimeSpan.FromMinutes(10) }, handler => handler.SendText("served"));
        using var kept = await server.ConnectAsync();
        await kept.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Null((await kept.ReadResponseAsync())["Connection"]);

        var ending = server.Server.ShutdownAsync(TimeSpan.FromSeconds(5));
        Assert.True(server.Server is { IsDraining: true, IsStopping: false });
        var health = await server.GetAsync("/healthz");
        Assert.Equal((503, "1", "close", "{\"status\":\"draining\"}"), (health.Status, health["Retry-After"], health["Connection"], health.Text));
        await kept.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var served = await kept.ReadResponseAsync();
        Assert.Equal(("served", "close"), (served.Text, served["Connection"]));
        Assert.Equal(0, server.Server.ErrorCount);

        // The second call ends the drain.
        Assert.False(ending.IsCompleted);
        await server.Server.ShutdownAsync(TimeSpan.FromSeconds(5)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await ending.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(server.Server.IsStopping);
    }

    [Fact]
    public async Task A_connection_that_came_at_the_end_of_a_drain_brings_its_request()
    {
        var time = new FakeTimeProvider();
        await using var server = Serve(new() { DrainTime = TimeSpan.FromSeconds(10), TimeProvider = time }, handler => handler.SendText("served"));
        using var kept = await server.ConnectAsync();
        await kept.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        await kept.ReadResponseAsync();
        using var fresh = await server.ConnectAsync();
        using var idle = await server.ConnectAsync();
        Assert.True(SpinWait.SpinUntil(() => server.Server.ConnectionCount == 3, TimeSpan.FromSeconds(30)));
        var ending = server.Server.ShutdownAsync(TimeSpan.FromMinutes(10));
        time.Advance(TimeSpan.FromSeconds(10));
        // Whose request has been answered may come again, elsewhere.
        await kept.ReadToEndAsync();
        Assert.True(server.Server.IsStopping);
        await fresh.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await fresh.ReadResponseAsync();
        Assert.Equal(("served", "close"), (answer.Text, answer["Connection"]));
        Assert.False(ending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await idle.ReadToEndAsync();
        await ending.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_server_that_drains_is_alive()
    {
        await using var server = Serve(
            new() { LivenessPath = "/livez", HealthPath = "/healthz", DrainTime = TimeSpan.FromMinutes(10) }, _ => throw new InvalidOperationException("broken"));
        Assert.Equal((200, "{\"status\":\"ok\"}", null), await AskAsync("/livez"));
        var ending = server.Server.ShutdownAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((200, "{\"status\":\"ok\"}", "close"), await AskAsync("/livez"));
        Assert.Equal((503, "{\"status\":\"draining\"}", "close"), await AskAsync("/healthz"));
        await server.Server.ShutdownAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await ending.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Empty(server.Log.Requests);

        async Task<(int, string, string?)> AskAsync(string path)
        {
            var answer = await server.GetAsync(path);
            return (answer.Status, answer.Text, answer["Connection"]);
        }
    }

    [Fact]
    public void Liveness_and_health_are_two_paths() => Assert.Contains(
        "/livez and /healthz", Assert.Throws<ArgumentException>(() => Serve(new() { HealthPath = "/a", LivenessPath = "/a" }, handler => handler.SendText("a"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_shutdown_without_grace_does_not_drain()
    {
        await using var server = Serve(Options with { DrainTime = TimeSpan.FromMinutes(10) }, handler => handler.SendText("a"));
        await server.Server.ShutdownAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("")]
    [InlineData("healthz")]
    [InlineData("/a?b")]
    [InlineData("/a b")]
    [InlineData("/ä")]
    public void What_is_no_path_is_refused(string path)
    {
        Assert.Throws<ArgumentException>(() => Serve(new() { HealthPath = path }, handler => handler.SendText("a")));
        Assert.Throws<ArgumentException>(() => Serve(new() { LivenessPath = path }, handler => handler.SendText("a")));
    }

    private static RunningServer Serve(HttpServerOptions options, Action<BaseHttpRequestHandler> answer) => ActionHandler.Serve(answer, options);
}
