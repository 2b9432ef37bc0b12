namespace Http.Server.Redis.Tests.Support;

/// <summary>Three servers with a connection of their own to the store, and HAProxy before them.</summary>
internal sealed class Replicas(RunningServer[] servers, IHttpStateStore[] stores, Balancer balancer) : IAsyncDisposable
{
    public RunningServer[] Servers => servers;

    public Balancer Balancer => balancer;

    public static async Task<Replicas> StartAsync(StoreProgram program, HttpServerOptions options, Func<BaseHttpRequestHandler, ValueTask>? answer = null)
    {
        answer ??= static handler =>
        {
            handler.SendText("here");
            return default;
        };
        var stores = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RedisStateStore.OpenAsync(StateStoreAddress.Parse(program.Url))));
        RunningServer[] servers = [.. stores.Select(store => ActionHandler.ServeAsync(answer, options with { StateStore = store }))];
        return new Replicas(servers, stores, await Balancer.StartAsync(servers));
    }

    public async Task<(int Ok, int Limited, int Others)> AskAsync(string path, int times)
    {
        var statuses = new List<int>();
        for (var time = 0; time < times; time++)
            statuses.Add((await balancer.GetAsync(path)).Status);
        return (statuses.Count(static status => status == 200), statuses.Count(static status => status == 429), statuses.Count(static status => status is not (200 or 429)));
    }

    public async ValueTask DisposeAsync()
    {
        await balancer.DisposeAsync();
        foreach (var server in servers)
            await server.DisposeAsync();
        foreach (var store in stores)
            await store.DisposeAsync();
    }
}
