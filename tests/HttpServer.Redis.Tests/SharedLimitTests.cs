namespace Http.Server.Redis.Tests;

/// <summary>Three servers behind HAProxy hold their clients to one limit, and answer while their store is away.</summary>
public sealed class SharedLimitTests
{
    public static TheoryData<string> Programs => StoreProgram.All;

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Replicas_count_together_and_alone_while_their_store_is_away(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using var site = await Replicas.StartAsync(program, new HttpServerOptions { RateLimit = RateLimit.Parse("10/h") });
        Assert.Equal(Answers(ok: 10, limited: 5), await site.AskAsync("/", 15));

        program.Halt();
        try
        {
            // Each of the three has ten for this client.
            Assert.Equal(Answers(ok: 30, limited: 3), await site.AskAsync("/", 33));
            Assert.All(site.Servers, static server => Assert.Contains(server.Log.Messages, static message =>
                message.Level == LogLevel.Warning && message.Text.Contains("10/h is counted by this server alone", StringComparison.Ordinal)));
        }
        finally
        {
            program.Resume();
        }

        await Eventually.HoldsAsync(async () =>
        {
            await site.AskAsync("/", 3);
            return site.Servers.All(static server => server.Log.Messages.Any(static message => message.Text.Contains("counted with the other servers again", StringComparison.Ordinal)));
        }, "the store is used again");
        Assert.Equal(Answers(ok: 0, limited: 6), await site.AskAsync("/", 6));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_limit_with_a_name_is_shared_by_handlers_and_one_without_is_not(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        var (named, unnamed) = (RateLimit.Parse("4/h") with { Name = "GET /named" }, RateLimit.Parse("2/h"));
        await using var site = await Replicas.StartAsync(program, new HttpServerOptions(), async handler =>
        {
            if (await handler.TryAdmitAsync(handler.Path == "/named" ? named : unnamed))
                handler.SendText("here");
        });
        Assert.Equal(Answers(ok: 4, limited: 5), await site.AskAsync("/named", 9));
        Assert.Equal(Answers(ok: 6, limited: 3), await site.AskAsync("/own", 9));
    }

    [Fact]
    public async Task Users_are_counted_together_and_the_store_is_not_told_who_they_are()
    {
        await using var program = await StoreProgram.StartAsync("redis");
        await using var site = await Replicas.StartAsync(program, new HttpServerOptions { RateLimit = RateLimit.Parse("3/h", "header:X-Key") });
        var answers = new List<int>();
        foreach (var server in site.Servers.Concat(site.Servers))
            answers.Add((await server.GetAsync("/", "X-Key: secret\r\n")).Status);
        Assert.Equal([200, 200, 200, 429, 429, 429], answers);
        Assert.Equal(200, (await site.Servers[0].GetAsync("/", "X-Key: other\r\n")).Status);
        var (_, keys, _) = await Tool.RunAsync(Tool.Require("redis-cli", "redis-tools"), "-u", program.Url, "keys", "*");
        Assert.Equal(2, keys.Trim().Split('\n').Length);
        Assert.All(keys.Trim().Split('\n'), static key => Assert.StartsWith("httpserver:rate:server:3/h:header:", key, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", keys, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_whose_store_is_away_is_answered_503_until_it_is_back()
    {
        await using var program = await StoreProgram.StartAsync("redis");
        await using var site = await Replicas.StartAsync(program, new HttpServerOptions(), static async handler =>
            handler.SendText($"{await handler.Server.StateStore.IncrementAsync("n")}"));
        Assert.Equal(Answers(ok: 6, limited: 0), await site.AskAsync("/", 6));
        program.Halt();
        try
        {
            var answer = await site.Balancer.GetAsync("/");
            Assert.Equal((503, "1"), (answer.Status, answer["Retry-After"]));
            Assert.Contains(site.Servers, static server => server.Log.Messages.Any(
                static message => message.Level == LogLevel.Warning && message.Text.Contains("is away", StringComparison.Ordinal)));
        }
        finally
        {
            program.Resume();
        }

        await Eventually.HoldsAsync(async () => (await site.AskAsync("/", 3)).Equals(Answers(ok: 3, limited: 0)), "all answer again");
    }

    private static (int Ok, int Limited, int Others) Answers(int ok, int limited) => (ok, limited, 0);
}
