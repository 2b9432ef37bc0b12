using System.Text;
using Http.Server.Authentication;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Authentication;

/// <summary>A client that guesses is told to wait, by each way in which passwords are checked.</summary>
public sealed class GuessedPasswordTests
{
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string> Ways => ["users", "function"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_fourth_guess_waits_even_if_it_is_right(string way)
    {
        await using var server = Serve(way);
        for (var guess = 0; guess < 4; guess++)
            Assert.Equal(401, (await AskAsync(server, "anna", $"guess{guess}")).Status);
        var answer = await AskAsync(server, "anna", "geheim");
        Assert.Equal((429, "1", null), (answer.Status, answer["Retry-After"], answer["WWW-Authenticate"]));
        Assert.Equal(200, (await AskAsync(server, "ben", "geheim")).Status);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await AskAsync(server, "anna", "geheim")).Status);
        Assert.Equal(401, (await AskAsync(server, "anna", "guess")).Status);
        Assert.Equal(401, (await AskAsync(server, "anna", "guess")).Status);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Others_and_those_who_are_known_do_not_wait(string way)
    {
        await using var server = Serve(way);
        Assert.Equal(200, (await AskAsync(server, "anna", "geheim")).Status);
        for (var guess = 0; guess < 10; guess++)
            await AskAsync(server, "anna", $"guess{guess}");
        Assert.Equal(429, (await AskAsync(server, "anna", "guess")).Status);
        Assert.Equal(200, (await AskAsync(server, "anna", "geheim")).Status);
        Assert.Equal(401, (await AskAsync(server, "anna", "guess", "192.0.2.9")).Status);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_user_that_does_not_exist_waits_like_others(string way)
    {
        await using var server = Serve(way);
        for (var guess = 0; guess < 4; guess++)
            Assert.Equal(401, (await AskAsync(server, "none", $"guess{guess}")).Status);
        Assert.Equal(429, (await AskAsync(server, "none", "guess")).Status);
    }

    [Fact]
    public async Task Guesses_at_once_are_no_faster()
    {
        var throttle = new HashThrottle(1, 100);
        await using var server = Serve("users", throttle);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 30).Select(async guess => (await AskAsync(server, "anna", $"guess{guess}")).Status));
        Assert.Equal(4, throttle.Count);
        Assert.Equal(26, statuses.Count(static status => status == 429));
    }

    private RunningServer Serve(string way, HashThrottle? throttle = null)
    {
        var users = BasicAuthentication.MakeFromHashes(
            new[] { "anna", "ben" }.Select(static user => KeyValuePair.Create(user, "$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE")),
            throttle ?? new HashThrottle(2, 100));
        var scheme = way == "users"
            ? AuthenticationScheme.Of(users)
            : AuthenticationScheme.Basic("test", static (user, password, _) => new(user is "anna" or "ben" && password == "geheim" ? new HttpUser(user) : null));
        return new RunningServer(
            () =>
            {
                var handler = ActionHandler.Of(static handler => handler.SendText("here"));
                handler.Access = new AccessPolicy { Schemes = [scheme] };
                return handler;
            },
            new HttpServerOptions { TimeProvider = _time, TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] });
    }

    private static Task<RawResponse> AskAsync(RunningServer server, string user, string password, string client = "192.0.2.1") => server.GetAsync(
        "/", $"X-Forwarded-For: {client}\r\nX-Forwarded-Proto: https\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}\r\n");
}
