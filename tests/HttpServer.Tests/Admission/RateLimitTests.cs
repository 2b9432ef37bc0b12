using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Admission;

/// <summary>How often a client may ask, and who a client is.</summary>
public sealed class RateLimitTests
{
    private const string Anna = "Authorization: Basic YW5uYTpnZWhlaW0=\r\n";

    private const string Ben = "Authorization: Basic YmVuOmdlaGVpbQ==\r\n";

    private static readonly BasicAuthentication Users = BasicAuthentication.FromPasswords(
        new Dictionary<string, string> { ["anna"] = "geheim", ["ben"] = "geheim" });

    [Theory]
    [InlineData("10/s", 10, 1, "10/s")]
    [InlineData("100/m", 100, 60, "100/m")]
    [InlineData("1/h", 1, 3600, "1/h")]
    [InlineData("1000000/d", 1_000_000, 86_400, "1000000/d")]
    [InlineData("20/10s", 20, 10, "20/10s")]
    [InlineData("5/90s", 5, 90, "5/90s")]
    [InlineData("5/60s", 5, 60, "5/m")]
    [InlineData("5/24h", 5, 86_400, "5/d")]
    public void A_limit_is_a_count_and_a_time(string text, int count, int seconds, string again)
    {
        var limit = RateLimit.Parse(text);
        Assert.Equal((count, TimeSpan.FromSeconds(seconds), "Address", again), (limit.Count, limit.Period, limit.Key, limit.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10/")]
    [InlineData("/s")]
    [InlineData("0/s")]
    [InlineData("-1/s")]
    [InlineData("1000001/s")]
    [InlineData("1.5/s")]
    [InlineData("10/x")]
    [InlineData("10/S")]
    [InlineData("10/0s")]
    [InlineData("10/25h")]
    [InlineData("10/2d")]
    [InlineData("10/99999999999s")]
    [InlineData("10/s/m")]
    [InlineData(" 10/s")]
    [InlineData("10 / s")]
    [InlineData("10/ms")]
    public void Everything_else_is_none(string text)
    {
        Assert.False(RateLimit.TryParse(text, "Address", out _));
        Assert.Contains($"'{text}' is no rate limit", Assert.Throws<FormatException>(() => RateLimit.Parse(text)).Message);
    }

    [Theory]
    [InlineData("address", "Address")]
    [InlineData("USER", "User")]
    [InlineData("header:x-api-key", "Header:x-api-key")]
    [InlineData("Header:X", "Header:X")]
    [InlineData("Header:", null)]
    [InlineData("Header:a b", null)]
    [InlineData("Cookie", null)]
    [InlineData("", null)]
    public void A_key_is_an_address_a_user_or_a_header(string text, string? key)
    {
        Assert.Equal(key, RateLimit.TryParse("1/s", text, out var limit) ? limit.Key : null);
        if (key is null)
            Assert.Throws<ArgumentException>(() => new RateLimit { Count = 1, Period = TimeSpan.FromSeconds(1), Key = text });
    }

    [Fact]
    public void Figures_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimit { Count = 0, Period = TimeSpan.FromSeconds(1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimit { Count = 1, Period = TimeSpan.FromMilliseconds(1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimit { Count = 1, Period = TimeSpan.FromDays(2) });
    }

    [Fact]
    public async Task One_request_too_many_is_429_with_the_time_to_wait()
    {
        var time = new FakeTimeProvider();
        await using var server = Serve("2/m", time: time, options: new HttpServerOptions { HealthPath = "/healthz" });
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Assert.Equal(200, (await server.GetAsync("/other")).Status);
        var answer = await server.GetAsync("/");
        Assert.Equal((429, "30"), (answer.Status, answer["Retry-After"]));
        Assert.Equal(200, (await server.GetAsync("/healthz")).Status);
        time.Advance(TimeSpan.FromSeconds(29.5));
        answer = await server.GetAsync("/", "Accept: application/json\r\n");
        Assert.Equal((429, "1", "application/problem+json"), (answer.Status, answer["Retry-After"], answer["Content-Type"]));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_kept_connection_goes_on_after_429()
    {
        var time = new FakeTimeProvider();
        await using var server = Serve("1/m", time: time);
        using var client = await server.ConnectAsync();
        foreach (var status in new[] { 200, 429, 429 })
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(status, (await client.ReadResponseAsync()).Status);
        }

        time.Advance(TimeSpan.FromMinutes(1));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public async Task A_client_is_an_address_or_a_64_network_behind_proxies_too(string one, string other, bool isSame)
    {
        await using var server = Serve("1/h", options: new HttpServerOptions { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] });
        Assert.Equal(200, (await server.GetAsync("/", $"X-Forwarded-For: {one}\r\n")).Status);
        Assert.Equal(isSame ? 429 : 200, (await server.GetAsync("/", $"X-Forwarded-For: {other}\r\n")).Status);
    }

    [Fact]
    public async Task A_client_that_says_it_is_another_one_is_not()
    {
        await using var server = Serve("1/h");
        Assert.Equal(200, (await server.GetAsync("/", "X-Forwarded-For: 192.0.2.1\r\n")).Status);
        Assert.Equal(429, (await server.GetAsync("/", "X-Forwarded-For: 192.0.2.2\r\nForwarded: for=192.0.2.3\r\n")).Status);
    }

    [Fact]
    public async Task A_header_tells_clients_apart_and_without_it_the_address_does()
    {
        await using var server = Serve("1/h", "Header:X-Api-Key");
        Assert.Equal(200, (await server.GetAsync("/", "X-Api-Key: one\r\n")).Status);
        Assert.Equal(429, (await server.GetAsync("/", "x-api-key: one\r\n")).Status);
        Assert.Equal(200, (await server.GetAsync("/", "X-Api-Key: two\r\n")).Status);
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Assert.Equal(429, (await server.GetAsync("/", "X-Api-Key:\r\n")).Status);
    }

    [Fact]
    public async Task A_user_is_counted_once_the_password_is_known()
    {
        await using var server = Serve("1/h", "User", authentication: Users);
        Assert.Equal(401, (await server.GetAsync("/")).Status);
        Assert.Equal(200, (await server.GetAsync("/", Anna)).Status);
        Assert.Equal(429, (await server.GetAsync("/", Anna)).Status);
        Assert.Equal(200, (await server.GetAsync("/", Ben)).Status);
        Assert.Equal(401, (await server.GetAsync("/", Anna.Replace("YW", "YX"))).Status);
    }

    [Fact]
    public async Task An_address_is_counted_before_the_password_is_looked_at()
    {
        await using var server = Serve("2/h", authentication: Users);
        Assert.Equal(401, (await server.GetAsync("/")).Status);
        Assert.Equal(401, (await server.GetAsync("/", "Authorization: Basic eDp5\r\n")).Status);
        Assert.Equal(429, (await server.GetAsync("/", Anna)).Status);
    }

    [Fact]
    public async Task A_part_of_a_site_can_have_a_limit_of_its_own()
    {
        var limit = RateLimit.Parse("1/h");
        await using var server = ActionHandler.Serve(handler =>
        {
            if (handler.Path == "/free" || handler.TryAdmit(limit))
                handler.SendText("here");
        });
        Assert.Equal(200, (await server.GetAsync("/limited")).Status);
        var answer = await server.GetAsync("/limited");
        Assert.Equal((429, "3600"), (answer.Status, answer["Retry-After"]));
        Assert.Equal(200, (await server.GetAsync("/free")).Status);
    }

    [Fact]
    public async Task A_host_with_threads_of_its_own_is_not_called_for_a_refusal()
    {
        var invoked = 0;
        await using var server = new RunningServer(
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
            new HttpServerOptions { RateLimit = RateLimit.Parse("1/h") });
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Assert.Equal(429, (await server.GetAsync("/")).Status);
        Assert.Equal(1, invoked);
    }

    private static RunningServer Serve(
        string limit, string key = "Address", FakeTimeProvider? time = null, HttpServerOptions? options = null, BasicAuthentication? authentication = null) => new(
        () =>
        {
            var handler = ActionHandler.Of(static handler => handler.SendText("here"));
            handler.Authentication = authentication;
            return handler;
        },
        (options ?? new HttpServerOptions()) with { RateLimit = RateLimit.Parse(limit, key), TimeProvider = time ?? TimeProvider.System });
}
