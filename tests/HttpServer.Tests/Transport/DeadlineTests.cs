using System.Net.Sockets;
using Http.Server.Tests.Support;
using Http.Server.Transport;

namespace Http.Server.Tests.Transport;

/// <summary>Who is late when a time has passed: the client, or the server that has not taken what lies in the socket.</summary>
public sealed class DeadlineTests
{
    private const int Time = 30;
    private const int Extension = 20;

    [Fact]
    public void Without_a_socket_it_passes_once_when_its_time_is_over()
    {
        var deadline = new Deadline(SelectMode.SelectRead);
        Assert.False(deadline.TryPass(long.MaxValue, null));
        deadline.Set(0, Time, Extension);
        Assert.False(deadline.TryPass(Time, null));
        Assert.True(deadline.TryPass(Time + 1, null));
        Assert.False(deadline.TryPass(long.MaxValue - 1, null));
    }

    [Fact]
    public async Task A_client_that_has_sent_nothing_is_late()
    {
        using var pair = await SocketPair.ConnectAsync();
        var deadline = Set(SelectMode.SelectRead);
        Assert.True(deadline.TryPass(Time + 1, pair.Server));
        Assert.False(deadline.IsServerLate);
    }

    [Fact]
    public async Task A_server_that_takes_nothing_is_late_however_long()
    {
        using var pair = await SocketPair.ConnectAsync();
        pair.Send(1);
        var deadline = Set(SelectMode.SelectRead);
        long now = Time;
        for (var round = 0; round < 10; round++)
        {
            Assert.False(deadline.TryPass(++now, pair.Server));
            Assert.True(deadline.IsServerLate);
            now += Extension;
            Assert.False(deadline.TryPass(now, pair.Server));
            // What comes meanwhile changes nothing.
            pair.Send(round);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_sends_byte_by_byte_gains_one_extension(bool isReadAnew)
    {
        using var pair = await SocketPair.ConnectAsync();
        pair.Send(2);
        var deadline = Set(SelectMode.SelectRead);
        Assert.False(deadline.TryPass(Time + 1, pair.Server));
        pair.Take();
        // The handshake of TLS reads without telling the connection.
        if (isReadAnew)
            deadline.BeginWait();
        pair.Send(isReadAnew ? 2 : 1);
        Assert.Equal(!isReadAnew, deadline.IsServerLate);
        Assert.False(deadline.TryPass(Time + 1 + Extension, pair.Server));
        Assert.True(deadline.TryPass(Time + 2 + Extension, pair.Server));
    }

    [Fact]
    public async Task The_next_request_has_an_extension_of_its_own()
    {
        using var pair = await SocketPair.ConnectAsync();
        pair.Send(1);
        var deadline = Set(SelectMode.SelectRead);
        Assert.False(deadline.TryPass(Time + 1, pair.Server));
        deadline.BeginWait();
        deadline.Reset();
        Assert.False(deadline.TryPass(long.MaxValue, pair.Server));
        deadline.Set(0, Time, Extension);
        Assert.False(deadline.TryPass(Time + 1, pair.Server));
        Assert.True(deadline.IsServerLate);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_late_and_one_that_has_room_is_not()
    {
        using var pair = await SocketPair.ConnectAsync();
        var deadline = Set(SelectMode.SelectWrite);
        Assert.False(deadline.TryPass(Time + 1, pair.Server));
        pair.Fill();
        Assert.True(deadline.TryPass(Time + 2 + Extension, pair.Server));
    }

    [Theory]
    [InlineData(SelectMode.SelectRead, Extension)]
    [InlineData(SelectMode.SelectWrite, Extension)]
    [InlineData(SelectMode.SelectRead, 0)]
    public async Task A_socket_that_has_ended_and_a_time_without_extension_are_not_looked_at(SelectMode mode, int extension)
    {
        using var pair = await SocketPair.ConnectAsync();
        pair.Send(1);
        if (extension > 0)
            pair.Server.Dispose();
        var deadline = new Deadline(mode);
        deadline.Set(0, Time, extension);
        Assert.True(deadline.TryPass(Time + 1, pair.Server));
    }

    private static Deadline Set(SelectMode mode)
    {
        var deadline = new Deadline(mode);
        deadline.Set(0, Time, Extension);
        return deadline;
    }
}
