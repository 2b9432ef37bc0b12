using System.Net.Sockets;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Transport;

/// <summary>The deadlines of a connection, on a clock that the test moves and a stream that the test holds.</summary>
public sealed class ConnectionTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n";

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_new_connection_that_sends_nothing_is_closed_without_an_answer_after_HeaderTimeout()
    {
        using var conversation = Serve();
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 30);
        Assert.False(conversation.Connection.ReadTimedOut);
        Advance(conversation, seconds: 1);
        await conversation.EndAsync();
        Assert.Empty(conversation.Stream.Output);
    }

    [Fact]
    public async Task A_head_that_does_not_end_within_HeaderTimeout_of_its_first_byte_gets_408_however_it_drips()
    {
        using var conversation = Serve();
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 29);
        foreach (var piece in new[] { "G", "ET / HTTP/1.1\r\n", "Host: " })
        {
            conversation.Stream.Feed(piece);
            await conversation.Stream.WaitForWaitAsync();
            Advance(conversation, seconds: 10);
            Assert.False(conversation.Connection.ReadTimedOut);
        }

        Advance(conversation, seconds: 1);
        await conversation.EndAsync();
        Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", conversation.Stream.Output);
        Assert.Contains("\r\nConnection: close\r\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_without_an_answer_after_KeepAliveTimeout()
    {
        using var conversation = Serve();
        conversation.Stream.Feed(Get);
        await conversation.Stream.WaitForWaitAsync();
        var answered = conversation.Stream.Output;
        Advance(conversation, seconds: 75);
        Assert.False(conversation.Connection.ReadTimedOut);
        Advance(conversation, seconds: 1);
        await conversation.EndAsync();
        Assert.Equal(answered, conversation.Stream.Output);
    }

    [Fact]
    public async Task The_head_of_a_further_request_has_HeaderTimeout_too()
    {
        using var conversation = Serve();
        conversation.Stream.Feed(Get + "GET");
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 31);
        await conversation.EndAsync();
        Assert.Contains("HTTP/1.1 408 ", conversation.Stream.Output);
    }

    [Fact]
    public async Task A_body_below_the_minimum_rate_gets_408()
    {
        using var conversation = Serve();
        conversation.Stream.Feed(Post);
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 5);
        conversation.Stream.Feed(new string('a', 240));
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 1);
        Assert.False(conversation.Connection.ReadTimedOut);
        Advance(conversation, seconds: 1);
        await conversation.EndAsync();
        Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task A_body_above_the_minimum_rate_may_take_long()
    {
        using var conversation = Serve();
        conversation.Stream.Feed(Post);
        for (var sent = 0; sent < 100_000; sent += 1000)
        {
            await conversation.Stream.WaitForWaitAsync();
            Advance(conversation, seconds: 4);
            conversation.Stream.Feed(new string('a', 1000));
        }

        await conversation.Stream.WaitForWaitAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task Time_in_which_the_handler_does_not_read_costs_the_client_nothing()
    {
        using var conversation = Serve(handler =>
        {
            _time.Advance(TimeSpan.FromHours(1));
            return DrainAsync(handler);
        });
        conversation.Stream.Feed(Post);
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 4);
        Assert.False(conversation.Connection.ReadTimedOut);
        conversation.Stream.Feed(new string('a', 100_000));
        await conversation.Stream.WaitForWaitAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task A_rate_of_0_lets_a_body_take_for_ever()
    {
        using var conversation = Serve(options: new HttpServerOptions { MinRequestBodyRate = 0 });
        conversation.Stream.Feed(Post);
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 1_000_000);
        Assert.False(conversation.Connection.ReadTimedOut);
    }

    [Fact]
    public async Task A_client_that_takes_its_answer_below_the_minimum_rate_is_dropped()
    {
        using var conversation = Serve(handler =>
        {
            handler.SendText(new string('a', 2400));
            return default;
        });
        conversation.Stream.HoldWrites = true;
        conversation.Stream.Feed(Get);
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 15);
        Assert.False(conversation.Stream.IsDisposed);
        Advance(conversation, seconds: 3);
        Assert.True(conversation.Stream.IsDisposed);
        await conversation.EndAsync();
        Assert.Empty(conversation.Log.Errors);
    }

    [Fact]
    public async Task A_rate_of_0_lets_an_answer_take_for_ever()
    {
        using var conversation = Serve(options: new HttpServerOptions { MinResponseRate = 0 });
        conversation.Stream.HoldWrites = true;
        conversation.Stream.Feed(Get);
        await conversation.Stream.WaitForWaitAsync();
        Advance(conversation, seconds: 1_000_000);
        Assert.False(conversation.Stream.IsDisposed);
    }

    [Fact]
    public async Task A_stop_ends_an_idle_connection_at_once_and_a_busy_one_after_its_answer()
    {
        using var idle = Serve();
        idle.Stream.Feed(Get);
        await idle.Stream.WaitForWaitAsync();
        idle.Connection.StopWhenIdle();
        await idle.EndAsync();

        using var busy = Serve();
        busy.Stream.Feed("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n");
        await busy.Stream.WaitForWaitAsync();
        busy.Connection.StopWhenIdle();
        busy.Stream.Feed("ok");
        await busy.EndAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", busy.Stream.Output);
    }

    [Fact]
    public async Task A_stop_lets_a_request_whose_first_byte_is_there_arrive()
    {
        using var conversation = Serve();
        await conversation.Stream.WaitForWaitAsync();
        conversation.Stream.Feed(Get[..5]);
        await conversation.Stream.WaitForWaitAsync();
        conversation.Connection.StopWhenIdle();
        conversation.Stream.Feed(Get[5..]);
        await conversation.EndAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task An_answer_to_a_pipelined_request_does_not_wait_for_the_next_method()
    {
        using var conversation = Serve();
        conversation.Stream.Feed(string.Concat(Enumerable.Repeat(Get, 10)));
        await conversation.Stream.WaitForWaitAsync();
        Assert.Equal(10, conversation.Stream.Writes.Count);
        Assert.Equal(10, conversation.Stream.Output.Split("HTTP/1.1 200 OK").Length - 1);
    }

    [Fact]
    public async Task A_connection_that_was_ended_is_broken_and_a_healthy_one_is_not()
    {
        using var conversation = Serve();
        await conversation.Stream.WaitForWaitAsync();
        Assert.False(conversation.Connection.IsBroken);
        conversation.Connection.Abort();
        Assert.True(conversation.Connection.IsBroken);
        await conversation.EndAsync();
    }

    public static TheoryData<string, string, int> Late => new()
    {
        // What the server has taken, what it takes later, and the seconds that the client has for it.
        { "", Get, 30 },
        { "GET / HT", Get[8..], 30 },
        { Get, Get, 75 },
        { Post, new string('a', 100_000), 5 },
        { Post + new string('a', 50_000), new string('a', 50_000), 213 },
    };

    [Theory]
    [MemberData(nameof(Late))]
    public async Task A_client_whose_bytes_lie_unread_in_the_socket_is_served_when_the_server_has_time(string taken, string unread, int seconds)
    {
        using var pair = await SocketPair.ConnectAsync();
        using var conversation = Serve(socket: pair.Server);
        if (taken.Length > 0)
            conversation.Stream.Feed(taken);
        await conversation.Stream.WaitForWaitAsync();
        var answered = conversation.Stream.Output.Length;
        pair.Send(1);
        for (var round = 0; round < 3; round++)
            Advance(conversation, seconds: seconds + 1);
        Assert.False(conversation.Connection.ReadTimedOut);
        pair.Take();
        conversation.Stream.Feed(unread);
        await conversation.Stream.WaitForWaitAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", conversation.Stream.Output[answered..]);
        // What was the server's fault is not held against the client later.
        Advance(conversation, seconds: 75);
        Assert.False(conversation.Connection.ReadTimedOut);
        Advance(conversation, seconds: 1);
        Assert.True(conversation.Connection.ReadTimedOut);
        pair.Client.Dispose();
        await conversation.EndAsync();
    }

    [Fact]
    public async Task A_head_that_drips_gains_one_more_HeaderTimeout_at_most()
    {
        using var pair = await SocketPair.ConnectAsync();
        using var conversation = Serve(socket: pair.Server);
        conversation.Stream.Feed("GET / HTTP/1.1\r\n");
        await conversation.Stream.WaitForWaitAsync();
        for (var second = 0; second < 61; second++)
        {
            // There is a byte whenever the sweep comes.
            pair.Send(1);
            Assert.False(conversation.Connection.ReadTimedOut);
            Advance(conversation, seconds: 1);
            pair.Take();
            conversation.Stream.Feed("a");
            await conversation.Stream.WaitForWaitAsync();
        }

        pair.Send(1);
        Advance(conversation, seconds: 1);
        Assert.True(conversation.Connection.ReadTimedOut);
        pair.Client.Dispose();
        await conversation.EndAsync();
        Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task A_client_that_has_room_for_its_answer_is_not_dropped()
    {
        using var pair = await SocketPair.ConnectAsync();
        using var conversation = Serve(socket: pair.Server);
        conversation.Stream.HoldWrites = true;
        conversation.Stream.Feed(Get);
        await conversation.Stream.WaitForWaitAsync();
        for (var round = 0; round < 3; round++)
            Advance(conversation, seconds: 20);
        Assert.False(conversation.Stream.IsDisposed);
        pair.Fill();
        Advance(conversation, seconds: 20);
        Assert.True(conversation.Stream.IsDisposed);
        await conversation.EndAsync();
    }

    private static async ValueTask DrainAsync(BaseHttpRequestHandler handler)
    {
        await handler.Rfile.CopyToAsync(Stream.Null);
        handler.SendText("");
    }

    private Conversation Serve(
        Func<BaseHttpRequestHandler, ValueTask>? answer = null, HttpServerOptions? options = null, Socket? socket = null) =>
        new(new ActionHandler(answer ?? DrainAsync), (options ?? new()) with { TimeProvider = _time }, socket);

    private void Advance(Conversation conversation, int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        conversation.Sweep();
    }
}
