using Http.Server.Events;

namespace Http.Server.Redis.Tests;

/// <summary>Channels of three servers behind HAProxy, which carry their events by a real store.</summary>
public sealed class EventReplicaTests
{
    public static TheoryData<string> Programs => StoreProgram.All;

    public static TheoryData<string, bool> Failures => new(StoreProgram.All.SelectMany(static kind => new[] { (kind.Data, false), (kind.Data, true) }));

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task An_event_that_is_sent_at_one_reaches_those_who_listen_at_all_and_who_comes_back_to_another(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using var site = await Site.StartAsync(program);
        var listeners = await site.ListenAtEachAsync();
        var ids = new List<string>();
        foreach (var (channel, number) in site.Channels.Select(static (channel, number) => (channel, number)))
            ids.Add(await channel.SendAsync($"of {number}", "job", null, TestContext.Current.CancellationToken));
        string[] events = [.. ids.Select(static (id, number) => $"id: {id}\nevent: job\ndata: of {number}\n\n")];
        foreach (var listener in listeners)
        {
            foreach (var expected in events)
                Assert.Equal(expected, await listener.ReadAsync());
            listener.Dispose();
        }

        // The balancer leads each of these to another server, and two of them did not send what was missed.
        for (var at = 0; at < listeners.Count; at++)
        {
            using var back = await site.ListenAsync($"Last-Event-ID: {ids[0]}\r\n");
            Assert.Equal(events[1], await back.ReadAsync());
            Assert.Equal(events[2], await back.ReadAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task While_the_store_is_away_who_sends_is_told_and_who_listens_stays(string kind, bool dies)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using var site = await Site.StartAsync(program);
        var listeners = await site.ListenAtEachAsync();
        if (dies)
            await program.KillAsync();
        else
            program.Halt();
        try
        {
            var exception = await Assert.ThrowsAsync<HttpStateStoreException>(
                async () => await site.Channels[0].SendAsync("meanwhile", cancellationToken: TestContext.Current.CancellationToken));
            Assert.Contains("is away", exception.Message, StringComparison.Ordinal);
            // Who comes now is let in as well.
            listeners.Add(await site.ListenAsync());
        }
        finally
        {
            if (dies)
                await program.StartAsync();
            else
                program.Resume();
        }

        var hearing = Task.WhenAll(listeners.Select(static listener => HearAsync(listener, "again")));
        await Eventually.HoldsAsync(async () =>
        {
            await site.Channels[1].SendAsync("again", cancellationToken: TestContext.Current.CancellationToken);
            return hearing.IsCompleted;
        }, "all hear events again");
        await hearing;
        Assert.Equal(4, site.Channels.Sum(static channel => channel.ListenerCount));
        foreach (var listener in listeners)
            listener.Dispose();
    }

    /// <summary>Reads events until there is one with this text: one that the store had not answered may come late.</summary>
    private static async Task HearAsync(EventListener listener, string data)
    {
        while (!(await listener.ReadAsync()).Contains($"data: {data}\n", StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Three servers, each with a channel on a connection of its own to the store, and HAProxy before them.</summary>
    private sealed class Site(RunningServer[] servers, HttpEventChannel[] channels, IHttpStateStore[] stores, Balancer balancer) : IAsyncDisposable
    {
        public HttpEventChannel[] Channels => channels;

        public static async Task<Site> StartAsync(StoreProgram program)
        {
            var stores = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RedisStateStore.OpenAsync(StateStoreAddress.Parse(program.Url))));
            HttpEventChannel[] channels = [.. stores.Select(static store => new HttpEventChannel("jobs", new() { StateStore = store }))];
            foreach (var channel in channels)
                await channel.OpenAsync(TestContext.Current.CancellationToken);
            RunningServer[] servers = [.. channels.Select(static channel => ActionHandler.Serve(handler => handler.SendEvents(channel)))];
            return new Site(servers, channels, stores, await Balancer.StartAsync(servers));
        }

        /// <summary>The balancer leads to one server after the other.</summary>
        public async Task<List<EventListener>> ListenAtEachAsync()
        {
            var listeners = new List<EventListener>();
            for (var at = 0; at < servers.Length; at++)
                listeners.Add(await ListenAsync());
            Assert.All(channels, static channel => Assert.Equal(1, channel.ListenerCount));
            return listeners;
        }

        public async Task<EventListener> ListenAsync(string headers = "")
        {
            var client = await balancer.ConnectAsync();
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
            return await EventListener.OpenAsync(client);
        }

        public async ValueTask DisposeAsync()
        {
            await balancer.DisposeAsync();
            foreach (var server in servers)
                await server.DisposeAsync();
            foreach (var channel in channels)
                await channel.DisposeAsync();
            foreach (var store in stores)
                await store.DisposeAsync();
        }
    }
}
