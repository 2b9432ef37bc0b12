using System.Net;
using System.Net.Sockets;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests;

/// <summary>Binding, serving one connection at a time, and the end of a server.</summary>
public sealed class HttpServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task ServerPort_is_the_port_really_bound_before_anything_is_served()
    {
        await using var server = NewServer();
        Assert.InRange(server.ServerPort, 1, 65535);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, server.ServerPort), Assert.Single(server.EndPoints));
    }

    [Fact]
    public async Task ServerName_is_the_address_or_this_machine()
    {
        await using var one = NewServer();
        Assert.Equal("127.0.0.1", one.ServerName);
        await using var all = NewServer(IPAddress.IPv6Any);
        Assert.Equal(Environment.MachineName, all.ServerName);
    }

    [Fact]
    public async Task Connections_are_served_one_at_a_time()
    {
        var gate = new TaskCompletionSource();
        var begun = new SemaphoreSlim(0);
        await using var server = NewServer(answer: async handler =>
        {
            begun.Release();
            await gate.Task;
            handler.CloseConnection = true;
            handler.SendText("");
        });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        using var first = await RawClient.ConnectAsync(server.ServerPort);
        await first.SendAsync(Get);
        Assert.True(await begun.WaitAsync(Patience, TestContext.Current.CancellationToken));
        using var second = await RawClient.ConnectAsync(server.ServerPort);
        await second.SendAsync(Get);
        Assert.Equal(1, server.ConnectionCount);
        Assert.Equal(0, begun.CurrentCount);
        gate.SetResult();
        Assert.Equal(200, (await first.ReadResponseAsync()).Status);
        Assert.Equal(200, (await second.ReadResponseAsync()).Status);
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }

    [Fact]
    public async Task With_several_addresses_each_is_served_though_one_connection_at_a_time()
    {
        SkipWithoutIPv6();
        await using var server = new HttpServer(
            [new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.IPv6Loopback, 0)],
            () => ActionHandler.Of(handler => handler.SendText("")),
            new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        foreach (var endPoint in server.EndPoints.Reverse().Cast<IPEndPoint>())
            Assert.Equal(200, (await AskAsync(endPoint)).Status);
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }

    [Fact]
    public async Task Several_addresses_with_port_0_share_one_port()
    {
        SkipWithoutIPv6();
        await using var server = new ThreadingHttpServer(
            [new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.IPv6Loopback, 0)],
            () => ActionHandler.Of(handler => handler.SendText(handler.AddressString())),
            new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        Assert.All(server.EndPoints.Cast<IPEndPoint>(), endPoint => Assert.Equal(server.ServerPort, endPoint.Port));
        Assert.Equal("127.0.0.1", (await AskAsync(new IPEndPoint(IPAddress.Loopback, server.ServerPort))).Text);
        Assert.Equal("::1", (await AskAsync(new IPEndPoint(IPAddress.IPv6Loopback, server.ServerPort))).Text);
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }

    [Fact]
    public async Task All_interfaces_are_both_families_and_the_client_is_shown_in_its_own()
    {
        SkipWithoutIPv6();
        await using var server = ThreadingHttpServer.Create<Address>(0, new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        Assert.Equal("127.0.0.1", (await AskAsync(new IPEndPoint(IPAddress.Loopback, server.ServerPort))).Text);
        Assert.Equal("::1", (await AskAsync(new IPEndPoint(IPAddress.IPv6Loopback, server.ServerPort))).Text);
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }

    [Fact]
    public async Task An_address_of_one_family_serves_that_family_alone()
    {
        SkipWithoutIPv6();
        await using var server = NewServer(IPAddress.IPv6Loopback);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, server.ServerPort, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal("::1", server.ServerName);
    }

    [Fact]
    public async Task A_taken_port_is_an_error_that_names_address_and_port_and_a_remedy()
    {
        await using var server = NewServer();
        var failure = Assert.Throws<ServerStartException>(() => NewServer(port: server.ServerPort));
        Assert.Contains($"127.0.0.1:{server.ServerPort}", failure.Message);
        Assert.Contains("in use", failure.Message);
        Assert.Contains("port 0", failure.Message);
        Assert.IsType<SocketException>(failure.InnerException);
    }

    [Fact]
    public void An_address_of_another_machine_is_an_error_that_names_it()
    {
        var failure = Assert.Throws<ServerStartException>(() => NewServer(IPAddress.Parse("192.0.2.1")));
        Assert.Contains("192.0.2.1:0", failure.Message);
        Assert.Contains("no such address", failure.Message);
    }

    [Fact]
    public async Task All_addresses_are_bound_or_none()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix domain sockets.");
        using var directory = new TempDirectory();
        await using var taken = NewServer();
        var free = new UnixDomainSocketEndPoint(Path.Combine(directory.Path, "s"));
        Assert.Throws<ServerStartException>(() => new HttpServer(
            [free, new IPEndPoint(IPAddress.Loopback, taken.ServerPort)], () => ActionHandler.Of(_ => { })));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.Throws<SocketException>(() => client.Connect(free));
    }

    [Fact]
    public void Arguments_that_mean_nothing_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new HttpServer((IPEndPoint)null!, () => ActionHandler.Of(_ => { })));
        Assert.Throws<ArgumentNullException>(() => new HttpServer(new IPEndPoint(IPAddress.Loopback, 0), null!));
        Assert.Throws<ArgumentException>(() => new HttpServer([], () => ActionHandler.Of(_ => { })));
        Assert.Throws<ArgumentException>(() => new HttpServer([new DnsEndPoint("localhost", 0)], () => ActionHandler.Of(_ => { })));
    }

    [Fact]
    public async Task A_server_serves_once()
    {
        await using var server = NewServer();
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.ServeForeverAsync(TestContext.Current.CancellationToken));
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.ServeForeverAsync(TestContext.Current.CancellationToken));
        await using var never = NewServer();
        await never.ShutdownAsync(TimeSpan.Zero);
        await Assert.ThrowsAsync<InvalidOperationException>(() => never.ServeForeverAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancellation_ends_ServeForeverAsync_normally()
    {
        await using var server = NewServer();
        using var stop = new CancellationTokenSource();
        var serving = server.ServeForeverAsync(stop.Token);
        using var client = await RawClient.ConnectAsync(server.ServerPort);
        await stop.CancelAsync();
        await serving.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(await client.IsEndedAsync());
        await using var another = NewServer();
        await another.ServeForeverAsync(stop.Token).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_same_port_can_be_bound_again_at_once()
    {
        // Where all of 127.0.0.0/8 is this machine's, an address that no other test's connection can have taken the port of meanwhile.
        var address = OperatingSystem.IsLinux() ? IPAddress.Parse("127.0.7.1") : IPAddress.Loopback;
        var port = 0;
        for (var round = 0; round < 3; round++)
        {
            await using var server = NewServer(address, port);
            port = server.ServerPort;
            var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
            using var client = await RawClient.ConnectAsync(new IPEndPoint(address, port));
            await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
            Assert.True(await client.IsEndedAsync());
            using var idle = await RawClient.ConnectAsync(new IPEndPoint(address, port));
            await server.DisposeAsync();
            await serving;
        }
    }

    [Fact]
    public async Task Disposal_frees_the_port_also_of_a_server_that_never_served()
    {
        var server = NewServer();
        await server.DisposeAsync();
        await server.DisposeAsync();
        await using var again = NewServer(port: server.ServerPort);
        Assert.Equal(server.ServerPort, again.ServerPort);
    }

    [Fact]
    public async Task Shutdown_stops_accepting_and_closes_idle_connections_at_once_and_lets_requests_end()
    {
        var gate = new TaskCompletionSource();
        var begun = new SemaphoreSlim(0);
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            if (handler.Path == "/slow")
            {
                begun.Release();
                await gate.Task;
            }

            handler.SendText(handler.Path);
        });
        using var idle = await server.ConnectAsync();
        await idle.SendAsync(Get);
        await idle.ReadResponseAsync();
        using var fresh = await server.ConnectAsync();
        using var busy = await server.ConnectAsync();
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.True(await begun.WaitAsync(Patience, TestContext.Current.CancellationToken));

        var shutdown = server.Server.ShutdownAsync(TimeSpan.FromHours(1));
        Assert.True(server.Server.IsStopping);
        Assert.True(await idle.IsEndedAsync());
        Assert.True(await fresh.IsEndedAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawClient.ConnectAsync(server.Port));
        Assert.False(shutdown.IsCompleted);
        gate.SetResult();
        var answer = await busy.ReadResponseAsync();
        Assert.Equal(("/slow", "close"), (answer.Text, answer["Connection"]));
        await shutdown.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task Requests_that_outlast_the_grace_are_broken_off_even_where_the_handler_ignores_it()
    {
        var time = new FakeTimeProvider();
        var begun = new SemaphoreSlim(0);
        var never = new TaskCompletionSource();
        await using var server = NewServer(
            answer: async _ =>
            {
                begun.Release();
                await never.Task;
            },
            options: new HttpServerOptions { TimeProvider = time, Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        using var client = await RawClient.ConnectAsync(server.ServerPort);
        await client.SendAsync(Get);
        Assert.True(await begun.WaitAsync(Patience, TestContext.Current.CancellationToken));
        using var waiting = await RawClient.ConnectAsync(server.ServerPort);
        var shutdown = server.ShutdownAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(shutdown.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await client.IsEndedAsync());
        Assert.True(await waiting.IsEndedAsync());
        await shutdown.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await serving.WaitAsync(Patience, TestContext.Current.CancellationToken);
        never.SetResult();
    }

    [Fact]
    public async Task A_second_shutdown_shortens_the_grace()
    {
        var begun = new SemaphoreSlim(0);
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            begun.Release();
            await handler.Rfile.CopyToAsync(Stream.Null);
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\n");
        Assert.True(await begun.WaitAsync(Patience, TestContext.Current.CancellationToken));
        var patient = server.Server.ShutdownAsync(TimeSpan.FromHours(1));
        await server.Server.ShutdownAsync(TimeSpan.Zero).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await patient.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public async Task A_handler_is_disposed_with_its_connection()
    {
        var disposed = new SemaphoreSlim(0);
        await using var server = new RunningServer(() => new Owner(disposed));
        await server.GetAsync("/", "Connection: close\r\n");
        Assert.True(await disposed.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_handler_that_cannot_be_made_ends_its_connection_and_not_the_server()
    {
        var count = 0;
        await using var server = new RunningServer(() => Interlocked.Increment(ref count) == 1
            ? throw new InvalidOperationException("cannot be made")
            : ActionHandler.Of(handler => handler.SendText("")));
        using (var client = await server.ConnectAsync())
            Assert.True(await client.IsEndedAsync());
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Assert.Contains("cannot be made", Assert.Single(server.Log.Errors));
    }

    private static void SkipWithoutIPv6()
    {
        try
        {
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        }
        catch (SocketException)
        {
            Assert.Skip("This machine has no IPv6.");
        }
    }

    private static HttpServer NewServer(
        IPAddress? address = null, int port = 0, Func<BaseHttpRequestHandler, ValueTask>? answer = null, HttpServerOptions? options = null) => new(
        new IPEndPoint(address ?? IPAddress.Loopback, port),
        () => new ActionHandler(answer ?? (handler =>
        {
            handler.SendText("");
            return default;
        })),
        options ?? new HttpServerOptions { Log = NullLog.Instance });

    private static async Task<RawResponse> AskAsync(IPEndPoint endPoint)
    {
        using var client = await RawClient.ConnectAsync(endPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    private sealed class Address : BaseHttpRequestHandler
    {
        public void DoGet() => SendText(AddressString());
    }

    private sealed class Owner(SemaphoreSlim disposed) : BaseHttpRequestHandler, IDisposable
    {
        public void DoGet() => SendText("");

        public void Dispose() => disposed.Release();
    }
}
