using System.Net.Sockets;
using Http.Server.Tests.Support;
using Http.Server.Transport.Polling;

namespace Http.Server.Tests.Transport.Polling;

/// <summary>What TLS asks of the stream below it: nothing is lost by a wait that is cancelled, by one without a place, or by a look ahead.</summary>
public sealed class PolledStreamTests : IDisposable
{
    private readonly List<IDisposable> _open = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public PolledStreamTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "It waits by Linux's epoll.");

    public void Dispose() => _open.ForEach(static socket => socket.Dispose());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_are_read_when_they_come(bool canBeCancelled)
    {
        var (stream, _, client) = await ConnectAsync();
        using var source = new CancellationTokenSource();
        var buffer = new byte[10];
        for (var round = 0; round < 20; round++)
        {
            var reading = stream.ReadAsync(buffer, canBeCancelled ? source.Token : CancellationToken.None).AsTask();
            await client.SendAsync("abc"u8.ToArray());
            Assert.Equal(3, await reading.WaitAsync(Token));
            Assert.Equal("abc"u8, buffer.AsSpan(0, 3));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_without_a_place_waits_and_takes_nothing(bool canBeCancelled)
    {
        var (stream, _, client) = await ConnectAsync();
        using var source = new CancellationTokenSource();
        var token = canBeCancelled ? source.Token : CancellationToken.None;
        var buffer = new byte[10];
        for (var round = 0; round < 20; round++)
        {
            var waiting = stream.ReadAsync(Memory<byte>.Empty, token).AsTask();
            await client.SendAsync("abc"u8.ToArray());
            Assert.Equal(0, await waiting.WaitAsync(Token));
            Assert.Equal(3, await stream.ReadAsync(buffer, token));
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(0)]
    public async Task A_read_that_is_cancelled_ends_and_loses_no_byte(int place)
    {
        var (stream, _, client) = await ConnectAsync();
        var buffer = new byte[10];
        for (var round = 0; round < 20; round++)
        {
            using var source = new CancellationTokenSource();
            var reading = stream.ReadAsync(buffer.AsMemory(0, place), source.Token).AsTask();
            if (place > 0)
                Assert.False(reading.IsCompleted);
            await source.CancelAsync();
            // Of no place nothing is asked: the first such read of a socket may end before its cancellation.
            if (place > 0)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Token));
            await client.SendAsync("abc"u8.ToArray());
            Assert.Equal(3, await stream.ReadAsync(buffer, Token));
            Assert.Equal("abc"u8, buffer.AsSpan(0, 3));
        }
    }

    [Fact]
    public async Task What_is_cancelled_before_it_begins_does_not_begin()
    {
        var (stream, _, client) = await ConnectAsync();
        await client.SendAsync("abc"u8.ToArray());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReadAsync(new byte[10], new CancellationToken(canceled: true)).AsTask());
        Assert.Equal(3, await stream.ReadAsync(new byte[10], Token));
    }

    [Fact]
    public async Task Bytes_that_are_looked_at_stay()
    {
        var (stream, _, client) = await ConnectAsync();
        var first = new byte[1];
        var looking = stream.PeekAsync(first).AsTask();
        Assert.False(looking.IsCompleted);
        await client.SendAsync("abc"u8.ToArray());
        Assert.Equal((1, (byte)'a'), (await looking.WaitAsync(Token), first[0]));
        Assert.Equal((1, (byte)'a'), (await stream.PeekAsync(first), first[0]));
        Assert.Equal(3, await stream.ReadAsync(new byte[10], Token));
    }

    [Theory]
    [InlineData("read", "end")]
    [InlineData("read", "stop")]
    [InlineData("read", "dispose")]
    [InlineData("cancelable", "end")]
    [InlineData("cancelable", "stop")]
    [InlineData("cancelable", "dispose")]
    [InlineData("peek", "end")]
    [InlineData("peek", "stop")]
    [InlineData("peek", "dispose")]
    public async Task What_ends_the_socket_ends_what_waits(string what, string way)
    {
        var (stream, server, client) = await ConnectAsync();
        using var source = new CancellationTokenSource();
        var buffer = new byte[10];
        var waiting = what switch
        {
            "read" => stream.ReadAsync(buffer, CancellationToken.None).AsTask(),
            "cancelable" => stream.ReadAsync(buffer, source.Token).AsTask(),
            _ => stream.PeekAsync(buffer).AsTask(),
        };
        Assert.False(waiting.IsCompleted);
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
                await Assert.ThrowsAnyAsync<IOException>(() => waiting.WaitAsync(Token));
                return;
        }

        Assert.Equal(0, await waiting.WaitAsync(Token));
    }

    [Fact]
    public async Task All_that_is_written_arrives()
    {
        var (stream, _, client) = await ConnectAsync();
        var bytes = new byte[4 * 1024 * 1024];
        new Random(1).NextBytes(bytes);
        var writing = stream.WriteAsync(bytes, Token).AsTask();
        var arrived = new byte[bytes.Length];
        for (var count = 0; count < arrived.Length;)
            count += await client.ReceiveAsync(arrived.AsMemory(count), Token);
        await writing.WaitAsync(Token);
        Assert.Equal(bytes, arrived);
    }

    private async Task<(PolledStream Stream, PolledSocket Server, Socket Client)> ConnectAsync()
    {
        var pair = await PolledPair.ConnectAsync(Token);
        _open.Add(pair);
        return (new PolledStream(pair.Server), pair.Server, pair.Client);
    }
}
