using System.Net.Sockets;
using Http.Server.Tests.Support;
using Http.Server.Transport;
using Http.Server.Transport.Polling;

namespace Http.Server.Tests.Transport.Polling;

/// <summary>Bytes of a socket that the library waits for itself: none is lost, and each waiting ends.</summary>
public sealed class PolledSocketTests : IDisposable
{
    private readonly List<IDisposable> _open = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public PolledSocketTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "It waits by Linux's epoll.");

    public void Dispose() => _open.ForEach(static socket => socket.Dispose());

    [Fact]
    public async Task Bytes_that_are_there_are_received_at_once()
    {
        var (server, client) = await ConnectAsync();
        await client.SendAsync("hello"u8.ToArray());
        Assert.True(client.Poll(0, SelectMode.SelectWrite));
        var buffer = new byte[10];
        Assert.Equal(5, await server.ReceiveAsync(buffer));
        Assert.Equal("hello"u8, buffer.AsSpan(0, 5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    public async Task Bytes_that_come_later_are_received_whatever_the_buffer_holds(int size)
    {
        var (server, client) = await ConnectAsync();
        var buffer = new byte[size];
        for (var round = 0; round < 20; round++)
        {
            var receiving = server.ReceiveAsync(buffer).AsTask();
            Assert.False(receiving.IsCompleted);
            await client.SendAsync("abc"u8.ToArray());
            var count = await receiving;
            while (count < 3)
                count += await server.ReceiveAsync(buffer);
            Assert.Equal(3, count);
        }
    }

    [Fact]
    public async Task Waiting_for_bytes_needs_no_place_for_them()
    {
        var (server, client) = await ConnectAsync();
        var buffer = new byte[10];
        for (var round = 0; round < 20; round++)
        {
            Assert.False(server.TryReceive(buffer, out _));
            var waiting = server.WaitForBytesAsync().AsTask();
            Assert.False(waiting.IsCompleted);
            await client.SendAsync("abc"u8.ToArray());
            Assert.Equal(-1, await waiting.WaitAsync(Token));
            Assert.True(server.TryReceive(buffer, out var count));
            Assert.Equal(3, count);
        }
    }

    [Fact]
    public async Task Bytes_that_come_before_the_waiting_begins_end_it()
    {
        var (server, client) = await ConnectAsync();
        var buffer = new byte[10];
        for (var round = 0; round < 20; round++)
        {
            Assert.False(server.TryReceive(buffer, out _));
            await client.SendAsync("abc"u8.ToArray());
            Assert.Equal(-1, await server.WaitForBytesAsync().AsTask().WaitAsync(Token));
            Assert.True(server.TryReceive(buffer, out var count));
            Assert.Equal(3, count);
        }
    }

    [Fact]
    public async Task What_was_told_before_the_waiting_begins_is_not_lost()
    {
        var (server, _) = await ConnectAsync();
        var receive = new PolledReceive(server);
        receive.Readiness.Clear();
        receive.Readiness.Continue();
        var waiting = receive.WaitAsync();
        Assert.True(waiting.IsCompleted);
        Assert.Equal(-1, await waiting);
    }

    [Theory]
    [InlineData("end")]
    [InlineData("stop")]
    [InlineData("dispose")]
    public async Task What_ends_reading_ends_waiting_too(string way)
    {
        var (server, client) = await ConnectAsync();
        var buffer = new byte[10];
        Assert.False(server.TryReceive(buffer, out _));
        var waiting = server.WaitForBytesAsync().AsTask();
        switch (way)
        {
            case "end":
                client.Shutdown(SocketShutdown.Send);
                break;
            case "stop":
                server.StopReading();
                break;
            default:
                server.Dispose();
                break;
        }

        Assert.Equal(-1, await waiting.WaitAsync(Token));
        if (way == "dispose")
        {
            Assert.ThrowsAny<IOException>(() => server.TryReceive(buffer, out _));
            return;
        }

        Assert.True(server.TryReceive(buffer, out var count));
        Assert.Equal(0, count);
    }

    [Fact]
    public async Task The_end_comes_after_the_last_bytes_and_stays()
    {
        var (server, client) = await ConnectAsync();
        var buffer = new byte[10];
        var receiving = server.ReceiveAsync(buffer).AsTask();
        await client.SendAsync("abc"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(3, await receiving);
        Assert.Equal(0, await server.ReceiveAsync(buffer));
        Assert.Equal(0, await server.ReceiveAsync(buffer));
        Assert.False(server.IsBroken);
    }

    [Fact]
    public async Task The_end_that_comes_with_the_last_bytes_is_seen()
    {
        var (server, client) = await ConnectAsync();
        var buffer = new byte[10];
        // The first waiting has the system watch the socket.
        var receiving = server.ReceiveAsync(buffer).AsTask();
        await client.SendAsync("a"u8.ToArray());
        Assert.Equal(1, await receiving);
        await client.SendAsync("bcd"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        var count = 0;
        for (int more; (more = await server.ReceiveAsync(buffer)) > 0;)
            count += more;
        Assert.Equal(3, count);
    }

    [Fact]
    public async Task A_reset_is_an_end_of_the_connection()
    {
        var (server, client) = await ConnectAsync();
        var receiving = server.ReceiveAsync(new byte[10]).AsTask();
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Dispose();
        var exception = await Assert.ThrowsAsync<IOException>(() => receiving);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(exception.InnerException).SocketErrorCode);
        Assert.True(ExpectedFaults.IsConnectionEnd(exception));
        Assert.True(server.IsBroken);
        // Whatever the system says now, nothing waits for ever.
        await Ends(server.SendAsync(new byte[10]).AsTask());
        await Ends(server.ReceiveAsync(new byte[10]).AsTask());
    }

    [Fact]
    public async Task A_client_that_reads_late_gets_all_bytes_in_their_order()
    {
        var (server, client) = await ConnectAsync();
        var bytes = new byte[16 * 1024 * 1024];
        Random.Shared.NextBytes(bytes);
        var sending = server.SendAsync(bytes).AsTask();
        Assert.False(sending.IsCompleted);
        var received = new byte[bytes.Length];
        for (var count = 0; count < received.Length;)
            count += await client.ReceiveAsync(received.AsMemory(count, Math.Min(100_000, received.Length - count)), Token);
        await sending;
        Assert.True(bytes.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task Bytes_go_both_ways_at_once()
    {
        var (server, client) = await ConnectAsync();
        const int Total = 4 * 1024 * 1024;
        var echoing = Task.Run(async () =>
        {
            var buffer = new byte[5_000];
            for (int count; (count = await server.ReceiveAsync(buffer)) > 0;)
                await server.SendAsync(buffer.AsMemory(0, count));
        }, Token);
        var sent = new byte[Total];
        Random.Shared.NextBytes(sent);
        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < Total;)
                at += await client.SendAsync(sent.AsMemory(at, Math.Min(Random.Shared.Next(1, 20_000), Total - at)), Token);
            client.Shutdown(SocketShutdown.Send);
        }, Token);
        var received = new byte[Total];
        for (var count = 0; count < Total;)
            count += await client.ReceiveAsync(received.AsMemory(count), Token);
        await sending;
        await echoing;
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task Stopped_reading_ends_without_bytes_now_and_later_until_it_is_wanted_again()
    {
        var (server, client) = await ConnectAsync();
        var buffer = new byte[10];
        var receiving = server.ReceiveAsync(buffer).AsTask();
        server.StopReading();
        Assert.Equal(0, await receiving);
        await client.SendAsync("abc"u8.ToArray());
        Assert.Equal(0, await server.ReceiveAsync(buffer));
        Assert.Equal(3, await server.ReceiveAfterStopAsync(buffer));
        await server.SendAsync("def"u8.ToArray());
        Assert.Equal(3, await client.ReceiveAsync(buffer));
    }

    [Fact]
    public async Task Closing_ends_what_waits_and_what_comes_after()
    {
        var (server, _) = await ConnectAsync();
        var receiving = server.ReceiveAsync(new byte[10]).AsTask();
        var sending = server.SendAsync(new byte[16 * 1024 * 1024]).AsTask();
        server.Dispose();
        server.Dispose();
        Task[] all = [receiving, sending, server.ReceiveAsync(new byte[10]).AsTask(), server.SendAsync(new byte[10]).AsTask()];
        foreach (var task in all)
        {
            var exception = await Assert.ThrowsAsync<IOException>(() => task);
            Assert.True(ExpectedFaults.IsConnectionEnd(exception), exception.Message);
        }
    }

    [Fact]
    public async Task A_client_that_has_gone_ends_a_send()
    {
        var (server, client) = await ConnectAsync();
        client.Dispose();
        // The first bytes may still find room; what comes after them meets the reset.
        var exception = await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
                await server.SendAsync(new byte[100_000]);
        });
        Assert.True(ExpectedFaults.IsConnectionEnd(exception), exception.Message);
    }

    /// <summary>Bytes, an end and a stop meet at every moment: whichever comes first, what waits is continued.</summary>
    [Theory]
    [InlineData("stop")]
    [InlineData("close")]
    [InlineData("bytes")]
    [InlineData("end")]
    public async Task Nothing_waits_for_ever(string what)
    {
        var buffer = new byte[16];
        for (var round = 0; round < 300; round++)
        {
            var (server, client) = await ConnectAsync();
            if (round % 2 == 0)
            {
                // Watched by the system already.
                var first = server.ReceiveAsync(buffer).AsTask();
                await client.SendAsync("a"u8.ToArray());
                Assert.Equal(1, await first);
            }

            var acting = Task.Run(() =>
            {
                Thread.SpinWait(round * 10);
                switch (what)
                {
                    case "stop":
                        server.StopReading();
                        break;
                    case "close":
                        server.Dispose();
                        break;
                    case "bytes":
                        client.Send("b"u8.ToArray());
                        break;
                    default:
                        client.Shutdown(SocketShutdown.Send);
                        break;
                }
            }, Token);
            await Ends(server.ReceiveAsync(buffer).AsTask());
            await acting;
            server.Dispose();
            Dispose();
            _open.Clear();
        }
    }

    [Fact]
    public async Task Sockets_that_take_the_places_of_others_get_their_own_bytes()
    {
        for (var round = 0; round < 5; round++)
        {
            var pairs = new List<(PolledSocket Server, Socket Client)>();
            for (var at = 0; at < 100; at++)
                pairs.Add(await ConnectAsync());
            var buffers = pairs.ConvertAll(static _ => new byte[4]);
            var receiving = pairs.Select((pair, at) => pair.Server.ReceiveAsync(buffers[at]).AsTask()).ToList();
            for (var at = pairs.Count - 1; at >= 0; at--)
                await pairs[at].Client.SendAsync(BitConverter.GetBytes(at));
            Assert.All(await Task.WhenAll(receiving), static count => Assert.Equal(4, count));
            Assert.Equal(Enumerable.Range(0, pairs.Count), buffers.Select(static buffer => BitConverter.ToInt32(buffer)));
            pairs.ForEach(static pair => pair.Server.Dispose());
            Dispose();
            _open.Clear();
        }
    }

    /// <summary>Ends in one way or another; the runner's time limit ends a test that hangs.</summary>
    private static async Task Ends(Task task)
    {
        try
        {
            await task;
        }
        catch (IOException exception)
        {
            Assert.True(ExpectedFaults.IsConnectionEnd(exception), exception.Message);
        }
    }

    private async Task<(PolledSocket Server, Socket Client)> ConnectAsync()
    {
        var pair = await PolledPair.ConnectAsync(Token);
        _open.Add(pair);
        return (pair.Server, pair.Client);
    }
}
