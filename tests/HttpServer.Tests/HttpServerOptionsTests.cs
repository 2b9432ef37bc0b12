using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests;

/// <summary>Every limit acts, with its status.</summary>
public sealed class HttpServerOptionsTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task A_request_line_past_MaxRequestLineLength_gets_414()
    {
        await using var server = ServeBody(new HttpServerOptions { MaxRequestLineLength = 100 });
        Assert.Equal(200, (await server.GetAsync("/" + new string('a', 85))).Status);
        Assert.Equal(414, (await server.GetAsync("/" + new string('a', 87))).Status);
        Assert.Equal(414, (await server.SendAsync("GET /" + new string('a', 5000))).Status);
    }

    [Fact]
    public async Task A_header_block_past_MaxHeaderBytes_gets_431()
    {
        await using var server = ServeBody(new HttpServerOptions { MaxHeaderBytes = 100 });
        Assert.Equal(200, (await server.GetAsync("/", $"X: {new string('a', 80)}\r\n")).Status);
        Assert.Equal(431, (await server.GetAsync("/", $"X: {new string('a', 100)}\r\n")).Status);
        Assert.Equal(431, (await server.SendAsync($"GET / HTTP/1.1\r\nX: {new string('a', 10_000)}")).Status);
    }

    [Fact]
    public async Task More_fields_than_MaxHeaderCount_get_431()
    {
        await using var server = ServeBody(new HttpServerOptions { MaxHeaderCount = 3 });
        Assert.Equal(200, (await server.GetAsync("/", "A: 1\r\nB: 2\r\n")).Status);
        Assert.Equal(431, (await server.GetAsync("/", "A: 1\r\nB: 2\r\nC: 3\r\n")).Status);
    }

    [Fact]
    public async Task Trailers_past_MaxHeaderBytes_get_431()
    {
        await using var server = ServeBody(new HttpServerOptions { MaxHeaderBytes = 100 });
        const string Chunked = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
        Assert.Equal(200, (await server.SendAsync($"{Chunked}X: {new string('a', 50)}\r\n\r\n")).Status);
        Assert.Equal(431, (await server.SendAsync($"{Chunked}X: {new string('a', 50)}\r\nX: {new string('a', 50)}\r\n\r\n")).Status);
        Assert.Equal(431, (await server.SendAsync($"{Chunked}X: {new string('a', 10_000)}")).Status);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\n0123456789", 200)]
    [InlineData("Content-Length: 11\r\n\r\n", 413)]
    [InlineData("Content-Length: 9000000000000000000\r\n\r\n", 413)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", 200)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n", 413)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", 413)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n7fffffffffffffff\r\n", 413)]
    public async Task A_body_past_MaxRequestBodySize_gets_413_declared_or_chunked(string rest, int status)
    {
        await using var server = ServeBody(new HttpServerOptions { MaxRequestBodySize = 10 });
        Assert.Equal(status, (await server.SendAsync($"POST / HTTP/1.1\r\nHost: test\r\n{rest}")).Status);
    }

    [Fact]
    public async Task A_body_that_is_refused_by_its_declared_length_is_not_asked_for()
    {
        await using var server = ServeBody(new HttpServerOptions { MaxRequestBodySize = 10 });
        var answer = await server.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task A_declared_length_allocates_nothing()
    {
        long allocated = -1;
        await using var server = ActionHandler.Serve(
            handler =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Equal('a', handler.Rfile.ReadByte());
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                handler.SendText("");
            },
            new HttpServerOptions { MaxRequestBodySize = long.MaxValue });
        Assert.Equal(200, (await server.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9000000000000000000\r\n\r\na")).Status);
        Assert.InRange(allocated, 0, 10_000);
    }

    [Fact]
    public async Task MaxRequestsPerConnection_is_said_with_the_last_answer()
    {
        await using var server = ServeBody(new HttpServerOptions { MaxRequestsPerConnection = 2 });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get + Get);
        Assert.Null((await client.ReadResponseAsync())["Connection"]);
        Assert.Equal("close", (await client.ReadResponseAsync())["Connection"]);
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public async Task Connections_past_MaxConnections_wait_and_are_served_when_one_ends()
    {
        var begun = new SemaphoreSlim(0);
        await using var server = ActionHandler.Serve(
            handler =>
            {
                begun.Release();
                handler.SendText("");
            },
            new HttpServerOptions { MaxConnections = 2 });
        var clients = new List<RawClient>();
        try
        {
            for (var n = 0; n < 4; n++)
            {
                clients.Add(await server.ConnectAsync());
                await clients[n].SendAsync(Get);
            }

            await clients[0].ReadResponseAsync();
            await clients[1].ReadResponseAsync();
            Assert.Equal(2, server.Server.ConnectionCount);
            for (var n = 2; n < 4; n++)
            {
                var waiting = clients[n].ReadResponseAsync();
                Assert.False(waiting.IsCompleted);
                clients[n - 2].Dispose();
                Assert.Equal(200, (await waiting).Status);
                Assert.InRange(server.Server.ConnectionCount, 1, 2);
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task The_servers_own_sweep_ends_a_connection_past_its_HeaderTimeout()
    {
        var time = new FakeTimeProvider();
        var waits = new SemaphoreSlim(0);
        await using var server = new RunningServer(() => new Waiting(waits), new HttpServerOptions { TimeProvider = time });
        using var client = await server.ConnectAsync();
        Assert.True(await waits.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, server.Server.ConnectionCount);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public void The_defaults_are_those_of_the_documentation()
    {
        var options = new HttpServerOptions();
        Assert.Equal((8192, 32768, 100), (options.MaxRequestLineLength, options.MaxHeaderBytes, options.MaxHeaderCount));
        Assert.Equal((1L << 30, 16384, 0), (options.MaxRequestBodySize, options.MaxConnections, options.MaxRequestsPerConnection));
        Assert.Equal((10_000, 30_000_000, 30_000_000, 2_048), (options.MaxFormFields, options.MaxFormSize, options.MaxJsonBodySize, options.MaxJsonDepth));
        Assert.Equal((30, 75, 5, 0.5), (options.HeaderTimeout.TotalSeconds, options.KeepAliveTimeout.TotalSeconds,
            options.RateGracePeriod.TotalSeconds, options.ShutdownGrace.TotalSeconds));
        Assert.Equal((240, 240, 512), (options.MinRequestBodyRate, options.MinResponseRate, options.ListenBacklog));
        Assert.Same(TimeProvider.System, options.TimeProvider);
        Assert.Same(TextLog.StandardError, options.Log);
    }

    [Fact]
    public void A_limit_that_makes_no_sense_is_refused_by_name() => Assert.All(
        new (string Name, HttpServerOptions Options)[]
        {
            (nameof(HttpServerOptions.MaxRequestLineLength), new() { MaxRequestLineLength = 15 }),
            (nameof(HttpServerOptions.MaxHeaderBytes), new() { MaxHeaderBytes = 0 }),
            (nameof(HttpServerOptions.MaxHeaderCount), new() { MaxHeaderCount = 0 }),
            (nameof(HttpServerOptions.MaxRequestBodySize), new() { MaxRequestBodySize = -1 }),
            (nameof(HttpServerOptions.MaxFormFields), new() { MaxFormFields = 0 }),
            (nameof(HttpServerOptions.MaxFormSize), new() { MaxFormSize = -1 }),
            (nameof(HttpServerOptions.MaxJsonBodySize), new() { MaxJsonBodySize = -1 }),
            (nameof(HttpServerOptions.MaxJsonDepth), new() { MaxJsonDepth = 0 }),
            (nameof(HttpServerOptions.HeaderTimeout), new() { HeaderTimeout = TimeSpan.Zero }),
            (nameof(HttpServerOptions.KeepAliveTimeout), new() { KeepAliveTimeout = TimeSpan.Zero }),
            (nameof(HttpServerOptions.MinRequestBodyRate), new() { MinRequestBodyRate = -1 }),
            (nameof(HttpServerOptions.MinResponseRate), new() { MinResponseRate = -1 }),
            (nameof(HttpServerOptions.RateGracePeriod), new() { RateGracePeriod = TimeSpan.FromTicks(-1) }),
            (nameof(HttpServerOptions.ShutdownGrace), new() { ShutdownGrace = TimeSpan.FromTicks(-1) }),
            (nameof(HttpServerOptions.MaxConnections), new() { MaxConnections = 0 }),
            (nameof(HttpServerOptions.MaxRequestsPerConnection), new() { MaxRequestsPerConnection = -1 }),
            (nameof(HttpServerOptions.ListenBacklog), new() { ListenBacklog = 0 }),
            (nameof(HttpServerOptions.Log), new() { Log = null! }),
            (nameof(HttpServerOptions.TimeProvider), new() { TimeProvider = null! }),
        },
        limit => Assert.Equal(limit.Name, Assert.ThrowsAny<ArgumentException>(limit.Options.Validate).ParamName));

    private static RunningServer ServeBody(HttpServerOptions options) => ActionHandler.ServeAsync(
        async handler =>
        {
            await handler.Rfile.CopyToAsync(Stream.Null);
            handler.SendText("");
        },
        options);

    /// <summary>Tells when it waits for its client.</summary>
    private sealed class Waiting(SemaphoreSlim waits) : BaseHttpRequestHandler
    {
        public override async ValueTask HandleOneRequestAsync()
        {
            var handling = base.HandleOneRequestAsync();
            waits.Release();
            await handling;
        }
    }
}
