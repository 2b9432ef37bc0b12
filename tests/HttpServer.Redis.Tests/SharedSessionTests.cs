using System.Globalization;

namespace Http.Server.Redis.Tests;

/// <summary>Three servers behind HAProxy know the same sessions, by a real store.</summary>
public sealed class SharedSessionTests
{
    private static readonly HttpServerOptions Kept = new() { Sessions = new() };

    public static TheoryData<string> Programs => StoreProgram.All;

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_browser_that_comes_to_another_server_each_time_is_known_at_all(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using var site = await Replicas.StartAsync(program, Kept, AnswerAsync);
        var cookie = await BeginAsync(site);
        for (var count = 2; count < 8; count++)
            Assert.Equal($"{count} ", (await site.Balancer.GetAsync("/", cookie)).Text);

        var login = await site.Balancer.GetAsync("/login", cookie);
        var known = CookieOf(login);
        Assert.NotEqual(cookie, known);
        for (var count = 9; count < 15; count++)
            Assert.Equal($"{count} anna", (await site.Balancer.GetAsync("/", known)).Text);
        // The id of before the login is dead at each of them.
        for (var time = 0; time < 3; time++)
            Assert.Equal("1 ", (await site.Balancer.GetAsync("/", cookie)).Text);
        await site.Balancer.GetAsync("/logout", known);
        for (var time = 0; time < 3; time++)
            Assert.Equal("1 ", (await site.Balancer.GetAsync("/", known)).Text);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Requests_at_the_same_time_to_three_servers_lose_nothing_of_each_other(string kind)
    {
        const int Requests = 90;
        await using var program = await StoreProgram.StartAsync(kind);
        await using var site = await Replicas.StartAsync(program, Kept with { Sessions = new() { LockTimeout = TimeSpan.FromMinutes(2) } }, AnswerAsync);
        var cookie = await BeginAsync(site);
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => site.Balancer.GetAsync("/", cookie)));
        Assert.Equal(Enumerable.Range(2, Requests), answers.Select(static answer => int.Parse(answer.Text, CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public async Task A_store_that_is_away_is_503_for_those_with_a_session_and_nobody_loses_his()
    {
        await using var program = await StoreProgram.StartAsync("redis");
        await using var site = await Replicas.StartAsync(program, Kept, AnswerAsync);
        var cookie = await BeginAsync(site);
        program.Halt();
        try
        {
            for (var time = 0; time < 6; time++)
            {
                var answer = await site.Balancer.GetAsync("/", cookie);
                Assert.Equal((503, "1", null), (answer.Status, answer["Retry-After"], answer["Set-Cookie"]));
                Assert.Contains("a store that cannot be used now", answer.Text, StringComparison.Ordinal);
                Assert.Equal("plain", (await site.Balancer.GetAsync("/plain", cookie)).Text);
            }
        }
        finally
        {
            program.Resume();
        }

        // What is tried while the store comes back may have been kept, and not been answered.
        RawResponse? last = null;
        await Eventually.HoldsAsync(async () => (last = await site.Balancer.GetAsync("/", cookie)).Status == 200, "the store is used again");
        Assert.True(int.Parse(last!.Text, CultureInfo.InvariantCulture) >= 2);
    }

    [Fact]
    public async Task The_store_has_neither_ids_nor_sessions_that_have_ended()
    {
        await using var program = await StoreProgram.StartAsync("redis");
        await using var site = await Replicas.StartAsync(program, Kept, AnswerAsync);
        var cookie = await BeginAsync(site);
        var keys = await KeysAsync(program);
        Assert.StartsWith("httpserver:session:", Assert.Single(keys), StringComparison.Ordinal);
        Assert.DoesNotContain(cookie.Split('=')[1].Trim(), keys[0], StringComparison.Ordinal);
        await site.Balancer.GetAsync("/logout", cookie);
        Assert.Empty(await KeysAsync(program));
    }

    private static async Task<string[]> KeysAsync(StoreProgram program)
    {
        var (_, keys, _) = await Tool.RunAsync(Tool.Require("redis-cli", "redis-tools"), "-u", program.Url, "keys", "*");
        return keys.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static async Task<string> BeginAsync(Replicas site)
    {
        var answer = await site.Balancer.GetAsync("/");
        Assert.Equal("1 ", answer.Text);
        return CookieOf(answer);
    }

    private static string CookieOf(RawResponse answer) => $"Cookie: {answer["Set-Cookie"]!.Split(';')[0]}\r\n";

    private static async ValueTask AnswerAsync(BaseHttpRequestHandler handler)
    {
        if (handler.Path == "/plain")
        {
            handler.SendText("plain");
            return;
        }

        var session = await handler.OpenSessionAsync();
        if (handler.Path == "/logout")
        {
            session.Clear();
            handler.SendText("");
            return;
        }

        if (handler.Path == "/login")
            session.User = new HttpUser("anna");
        session["n"] = $"{int.Parse(session["n"] ?? "0", CultureInfo.InvariantCulture) + 1}";
        handler.SendText($"{session["n"]} {session.User}");
    }
}
