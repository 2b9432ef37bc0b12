using System.Net;
using System.Net.Sockets;
using Http.Server.Interop;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Transport.Listening;

/// <summary>Sockets that another process has opened, and goes on having: the next server gets the same one.</summary>
[Collection(nameof(Alone))]
public sealed class InheritedSocketTests
{
    public InheritedSocketTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are handed on by systemd alone.");

    [Fact]
    public async Task The_end_of_a_server_does_not_end_the_socket_that_others_have()
    {
        using var shared = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        shared.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        shared.Listen(64);
        using var end = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => ConnectAsync(shared.LocalEndPoint!, end.Token))];
        for (var round = 0; round < 12; round++)
        {
            var taken = 0;
            await using var server = new ThreadingHttpServer([new DescriptorEndPoint((int)shared.Handle)], () =>
            {
                Interlocked.Increment(ref taken);
                return ActionHandler.Of(static handler => handler.SendText("hello"));
            });
            var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
            // A server that has taken connections is one that is about to take the next.
            while (Volatile.Read(ref taken) < 3 && IsListening(shared))
                await Task.Yield();
            await server.ShutdownAsync(TimeSpan.Zero);
            await serving;
            Assert.True(IsListening(shared), $"round {round}");
        }

        await end.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task A_drain_loses_no_connection_that_it_has_taken()
    {
        using var shared = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        shared.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        shared.Listen(64);
        using var end = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(_ => AskAsync((IPEndPoint)shared.LocalEndPoint!, end.Token))];
        for (var round = 0; round < 20; round++)
        {
            var answered = 0;
            var options = new HttpServerOptions { DrainTime = TimeSpan.FromMilliseconds(1) };
            await using var server = new ThreadingHttpServer([new DescriptorEndPoint((int)shared.Handle)], () => ActionHandler.Of(handler =>
            {
                Interlocked.Increment(ref answered);
                handler.SendText("hello");
            }), options);
            var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
            while (Volatile.Read(ref answered) < 20 && !clients.Any(static client => client.IsFaulted))
                await Task.Yield();
            await server.ShutdownAsync(TimeSpan.FromSeconds(30));
            await serving;
        }

        await end.CancelAsync();
        // What waits in the socket now is answered by nobody.
        shared.Close();
        Assert.All(await Task.WhenAll(clients), static answers => Assert.True(answers > 0));
    }

    private static bool IsListening(Socket socket) =>
        (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! == 1;

    /// <summary>Opens connections and closes them again, as fast as can be.</summary>
    private static async Task ConnectAsync(EndPoint endPoint, CancellationToken end)
    {
        await Task.Yield();
        while (!end.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.LingerState = new LingerOption(true, 0);
            try
            {
                await socket.ConnectAsync(endPoint, end);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The backlog was full, or the socket has ended, which the test sees.
            }
        }
    }

    /// <summary>Asks once with each connection; every one that was made has to be answered, but for the last.</summary>
    private static async Task<int> AskAsync(IPEndPoint endPoint, CancellationToken end)
    {
        await Task.Yield();
        var answers = 0;
        while (true)
        {
            try
            {
                using var client = await RawClient.ConnectAsync(endPoint);
                await client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
                answers++;
            }
            catch (Exception exception) when (end.IsCancellationRequested && exception is SocketException or IOException)
            {
                return answers;
            }
        }
    }
}
