using System.Net;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

public sealed class ThreadingHttpServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task Connections_are_served_all_at_once_also_where_handlers_wait_for_each_other()
    {
        const int Count = 8;
        var all = new TaskCompletionSource();
        var arrived = 0;
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            if (Interlocked.Increment(ref arrived) == Count)
                all.SetResult();
            await all.Task;
            handler.SendText("together");
        });
        var answers = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => server.GetAsync("/")));
        Assert.All(answers, answer => Assert.Equal("together", answer.Text));
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_does_not_hold_up_accepting()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = ActionHandler.Serve(handler =>
        {
            if (handler.Path == "/wait")
                Assert.True(gate.Wait(TimeSpan.FromSeconds(30)));
            handler.SendText(handler.Path);
        });
        var blocked = server.GetAsync("/wait");
        Assert.Equal("/go", (await server.GetAsync("/go")).Text);
        gate.Set();
        Assert.Equal("/wait", (await blocked).Text);
    }

    [Fact]
    public async Task Each_connection_has_a_handler_of_its_own_for_all_its_requests()
    {
        var made = 0;
        await using var server = new RunningServer(() =>
        {
            var number = Interlocked.Increment(ref made);
            return ActionHandler.Of(handler => handler.SendText($"{number}"));
        });
        for (var connection = 1; connection <= 2; connection++)
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync(Get + Get);
            Assert.Equal($"{connection}", (await client.ReadResponseAsync()).Text);
            Assert.Equal($"{connection}", (await client.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task Create_listens_on_all_interfaces_with_a_new_handler_for_each_connection()
    {
        await using var server = ThreadingHttpServer.Create<Hello>(0, new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        Assert.True(((IPEndPoint)server.EndPoints[0]).Address is var address && (address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Any)));
        using var client = await RawClient.ConnectAsync(server.ServerPort);
        await client.SendAsync(Get);
        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }

    private sealed class Hello : BaseHttpRequestHandler
    {
        public void DoGet() => SendText("hello");
    }
}
