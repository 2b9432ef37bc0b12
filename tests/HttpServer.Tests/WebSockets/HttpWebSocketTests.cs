using System.Globalization;
using Http.Server.State;
using Http.Server.Tests.Support;
using Http.Server.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.WebSockets;

/// <summary>WebSockets whose messages a handler answers: their order, their limits and their end.</summary>
public sealed class HttpWebSocketTests
{
    [Fact]
    public async Task Messages_of_one_WebSocket_come_one_after_the_other_and_in_their_order()
    {
        var (running, most, seen) = (0, 0, new List<string>());
        var sockets = new TestSockets(async (socket, message) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            var text = message.ReadText();
            await Task.Yield();
            seen.Add(text);
            await socket.SendAsync(text);
            Interlocked.Decrement(ref running);
        });
        await using var server = sockets.Serve();
        using var peer = await WebSocketPeer.OpenAsync(server);
        var texts = Enumerable.Range(0, 500).Select(at => at.ToString(CultureInfo.InvariantCulture)).ToArray();
        await peer.SendAsync([.. texts.Select(WebSocketPeer.Text)]);
        foreach (var text in texts)
            Assert.Equal(text, await peer.ReadTextAsync());
        Assert.Equal(texts, seen);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task What_is_sent_at_the_opening_comes_first_and_messages_wait_for_it()
    {
        var gate = new TaskCompletionSource();
        var sockets = new TestSockets
        {
            Opening = async socket =>
            {
                socket.Post("welcome");
                await gate.Task;
                socket.Post("now");
            },
        };
        await using var server = sockets.Serve();
        using var peer = await WebSocketPeer.OpenAsync(server, first: WebSocketPeer.Text("a"));
        Assert.Equal("welcome", await peer.ReadTextAsync());
        gate.SetResult();
        Assert.Equal("now", await peer.ReadTextAsync());
        Assert.Equal("a", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task A_WebSocket_knows_the_request_that_it_began_with()
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve();
        using var first = await WebSocketPeer.OpenAsync(server, "X-Name: a\r\n", "/chat?room=1");
        using var second = await WebSocketPeer.OpenAsync(server);
        var (one, other) = (await sockets.TakeOpenedAsync(), await sockets.TakeOpenedAsync());
        Assert.Equal(("/chat?room=1", "a", true), (one.Path, one.Headers["X-Name"], one.IsOpen));
        Assert.Null(one.User);
        Assert.NotEqual(one.Id, other.Id);
        Assert.NotEqual(one.RequestId, other.RequestId);
    }

    [Fact]
    public async Task A_program_closes_when_all_has_been_sent_and_hears_its_own_status()
    {
        var sockets = new TestSockets((socket, message) =>
        {
            for (var at = 0; at < 100; at++)
                socket.Post(new byte[10_000]);
            socket.Close(4001, "enough ä");
            Assert.False(socket.IsOpen);
            Assert.False(socket.Post("late"));
            socket.Close(1000);
            return default;
        });
        await using var server = sockets.Serve();
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendAsync(WebSocketPeer.Text("go"), WebSocketPeer.Text("not looked at"));
        for (var at = 0; at < 100; at++)
            Assert.Equal(10_000, (await peer.ReadFrameAsync()).Payload.Length);
        Assert.Equal("close:4001", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(4001));
        Assert.Empty(await peer.Client.ReadToEndAsync());
        Assert.Equal(new HttpWebSocketClose(4001, "enough ä", IsByClient: false), await sockets.TakeClosedAsync());
    }

    [Theory]
    [InlineData("close:4000", 4000, true)]
    [InlineData("close:", 1005, true)]
    [InlineData("end", 1006, true)]
    [InlineData("reset", 1006, true)]
    [InlineData("text:0xff", 1007, false)]
    [InlineData("op3:", 1002, false)]
    public async Task A_program_hears_how_it_ended(string sent, int code, bool isByClient)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve();
        using var peer = await WebSocketPeer.OpenAsync(server);
        if (sent == "end")
            peer.Client.FinishSending();
        else if (sent == "reset")
            peer.Client.Reset();
        else
            await peer.Client.SendAsync(ProtocolCases.Read(sent));
        var close = await sockets.TakeClosedAsync();
        Assert.Equal((code, isByClient), (close.Code, close.IsByClient));
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(999, "")]
    [InlineData(1005, "")]
    [InlineData(1006, "")]
    [InlineData(1015, "")]
    [InlineData(2000, "")]
    [InlineData(5000, "")]
    [InlineData(1000, "ä*62")]
    public async Task A_close_that_cannot_be_sent_is_refused(int code, string reason)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve();
        using var peer = await WebSocketPeer.OpenAsync(server);
        var socket = await sockets.TakeOpenedAsync();
        Assert.ThrowsAny<ArgumentException>(() => socket.Close(code, reason == "" ? "" : new string('ä', 62)));
        Assert.True(socket.IsOpen);
    }

    [Theory]
    [InlineData("fault", 1011, "", 1)]
    [InlineData("client", 1008, "Say please.", 0)]
    [InlineData("busy", 1013, "The server is too busy, try again soon.", 0)]
    [InlineData("store", 1013, "", 0)]
    public async Task What_a_call_throws_ends_the_WebSocket(string what, int code, string reason, int errors)
    {
        var sockets = new TestSockets((_, _) => throw (what switch
        {
            "client" => new RequestFaultException(400, "Say please"),
            "busy" => new RequestFaultException(503, "The server is too busy, try again soon"),
            "store" => new HttpStateStoreException("It is away."),
            _ => new IOException("Something of my own."),
        }));
        await using var server = sockets.Serve();
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendTextAsync("a");
        Assert.Equal($"close:{code}", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(code));
        Assert.Equal(new HttpWebSocketClose(code, reason, IsByClient: false), await sockets.TakeClosedAsync());
        Assert.Equal((errors, errors), (server.Log.Errors.Count(), (int)server.Server.ErrorCount));
    }

    [Fact]
    public async Task A_failed_opening_ends_it_and_is_followed_by_nothing()
    {
        var sockets = new TestSockets { Opening = static _ => throw new InvalidOperationException("No.") };
        await using var server = sockets.Serve();
        using (var peer = await WebSocketPeer.OpenAsync(server, first: WebSocketPeer.Text("a")))
        {
            Assert.Equal("close:1011", await peer.ReadAsync());
            await peer.SendAsync(WebSocketPeer.Close(1011));
            Assert.Empty(await peer.Client.ReadToEndAsync());
        }

        Assert.Contains("No.", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        Assert.Empty(sockets.Closed);
    }

    [Fact]
    public async Task Too_many_messages_end_it_and_time_brings_more()
    {
        var time = new FakeTimeProvider();
        var sockets = new TestSockets();
        var options = JumpingOptions(time);
        await using var server = sockets.Serve(new() { MessageRate = RateLimit.Parse("3/10s") }, options);
        using var peer = await WebSocketPeer.OpenAsync(server);
        foreach (var text in new[] { "1", "2", "3" })
            await EchoAsync(text);
        time.Advance(TimeSpan.FromSeconds(10));
        await EchoAsync("4");
        // Pings count, and parts of a message do not.
        await peer.SendAsync(WebSocketPeer.Frame(9, []), WebSocketPeer.Frame(1, [65], isFinal: false), WebSocketPeer.Frame(0, [66], isFinal: false), WebSocketPeer.Frame(0, [67]));
        Assert.Equal("pong:", await peer.ReadAsync());
        Assert.Equal("ABC", await peer.ReadTextAsync());
        await peer.SendTextAsync("5");
        Assert.Equal((1008, "Too many messages."), await peer.ReadCloseAsync());
        Assert.Equal(1008, (await sockets.TakeClosedAsync()).Code);

        async Task EchoAsync(string text)
        {
            await peer.SendTextAsync(text);
            Assert.Equal(text, await peer.ReadTextAsync());
        }
    }

    [Fact]
    public async Task Silence_is_filled_with_pings_and_who_does_not_answer_is_gone()
    {
        var time = new FakeTimeProvider();
        var sockets = new TestSockets();
        await using var server = sockets.Serve(
            new() { PingInterval = TimeSpan.FromSeconds(20), PingTimeout = TimeSpan.FromSeconds(10) }, new() { TimeProvider = time });
        using var peer = await WebSocketPeer.OpenAsync(server);
        await sockets.TakeOpenedAsync();
        Assert.Equal("ping:", await UntilAsync(time, peer.ReadAsync()));
        await peer.SendAsync(WebSocketPeer.Frame(10, []), WebSocketPeer.Text("a"));
        Assert.Equal("a", await peer.ReadTextAsync());
        Assert.Equal("ping:", await UntilAsync(time, peer.ReadAsync()));
        var close = await UntilAsync(time, sockets.TakeClosedAsync());
        Assert.Equal((1006, "the client does not answer pings"), (close.Code, close.Reason));
        Assert.True(await peer.Client.IsEndedAsync());
        Assert.Contains(server.Log.Messages, message => message.Level == LogLevel.Information && message.Text.Contains("does not answer pings", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_its_message_runs_a_client_is_not_read_and_is_not_taken_for_gone()
    {
        var time = new FakeTimeProvider();
        var (gate, count) = (new TaskCompletionSource(), 0);
        var sockets = new TestSockets(async (socket, message) =>
        {
            Interlocked.Increment(ref count);
            await gate.Task;
            await socket.SendAsync("done");
        });
        await using var server = sockets.Serve(new() { PingTimeout = TimeSpan.FromSeconds(5), IdleTimeout = TimeSpan.FromMinutes(1) }, new() { TimeProvider = time });
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendAsync(WebSocketPeer.Text("a"), WebSocketPeer.Text("b"));
        // Pings come for the sake of proxies. Nothing ends.
        for (var at = 0; at < 10; at++)
            Assert.Equal("ping:", await UntilAsync(time, peer.ReadAsync()));
        Assert.Equal(1, count);
        gate.SetResult();
        string? answer;
        do
            answer = await peer.ReadAsync();
        while (answer == "ping:");
        Assert.Equal("text:done", answer);
    }

    [Fact]
    public async Task A_WebSocket_at_rest_ends_after_its_time_and_one_in_use_does_not()
    {
        var time = new FakeTimeProvider();
        var sockets = new TestSockets();
        var options = JumpingOptions(time);
        await using var server = sockets.Serve(new() { IdleTimeout = TimeSpan.FromSeconds(10), PingInterval = TimeSpan.Zero }, options);
        using var peer = await WebSocketPeer.OpenAsync(server);
        var socket = await sockets.TakeOpenedAsync();
        for (var at = 0; at < 3; at++)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            await peer.SendTextAsync("a");
            Assert.Equal("a", await peer.ReadTextAsync());
            time.Advance(TimeSpan.FromSeconds(6));
            Assert.True(await socket.SendAsync("b"));
            Assert.Equal("b", await peer.ReadTextAsync());
            // A ping is no message.
            await peer.SendAsync(WebSocketPeer.Frame(9, []));
            Assert.Equal("pong:", await peer.ReadAsync());
        }

        Assert.Equal("close:1001", await UntilAsync(time, peer.ReadAsync()));
        await peer.SendAsync(WebSocketPeer.Close(1001));
        Assert.Equal("There was no message for 10 seconds.", (await sockets.TakeClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_message_that_comes_too_slowly_ends_it()
    {
        var time = new FakeTimeProvider();
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { PingInterval = TimeSpan.Zero }, new() { TimeProvider = time, MinRequestBodyRate = 100, RateGracePeriod = TimeSpan.FromSeconds(5) });
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendAsync(WebSocketPeer.Frame(1, [65], isFinal: false));
        Assert.Equal("close:1008", await UntilAsync(time, peer.ReadAsync()));
    }

    [Fact]
    public async Task A_client_that_does_not_say_goodbye_is_not_waited_for()
    {
        var time = new FakeTimeProvider();
        var sockets = new TestSockets((socket, _) =>
        {
            socket.Close(1000);
            return default;
        });
        await using var server = sockets.Serve(null, new() { TimeProvider = time });
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendTextAsync("a");
        Assert.Equal("close:1000", await peer.ReadAsync());
        Assert.Equal(1000, (await UntilAsync(time, sockets.TakeClosedAsync())).Code);
        Assert.Empty(await peer.Client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_disconnected_at_its_backlog_and_holds_nobody_up()
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { Backlog = 20 }, new() { MinResponseRate = 0 });
        using var peer = await WebSocketPeer.OpenAsync(server);
        var socket = await sockets.TakeOpenedAsync();
        var text = new string('x', 200_000);
        var sent = 0;
        while (socket.Post(text))
            Assert.True(++sent < 10_000);
        var close = await sockets.TakeClosedAsync();
        Assert.Equal((1006, "it is 20 messages behind"), (close.Code, close.Reason));
        Assert.False(await socket.SendAsync("late"));
        await socket.FlushAsync();
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_backlog_in_bytes_counts_too_but_one_message_may_be_longer()
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { MaxBacklogBytes = 100_000 }, new() { MinResponseRate = 0 });
        using var peer = await WebSocketPeer.OpenAsync(server);
        var socket = await sockets.TakeOpenedAsync();
        var sending = socket.SendAsync(new byte[20_000_000]);
        Assert.Equal(20_000_000, (await peer.ReadFrameAsync()).Payload.Length);
        Assert.True(await sending);
        var count = 0;
        while (socket.Post(new byte[60_000]))
            Assert.True(++count < 10_000);
        Assert.StartsWith("it is ", (await sockets.TakeClosedAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_for_what_was_sent_goes_no_faster_than_the_client()
    {
        var sockets = new TestSockets(async (socket, _) =>
        {
            for (var at = 0; at < 5000; at++)
                Assert.True(await socket.SendAsync(new byte[1000]));
        });
        await using var server = sockets.Serve(new() { Backlog = 1 });
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendTextAsync("go");
        for (var at = 0; at < 5000; at++)
            Assert.Equal(1000, (await peer.ReadFrameAsync()).Payload.Length);
    }

    [Fact]
    public async Task What_is_sent_from_many_threads_arrives_whole_with_pings_between()
    {
        var time = new FakeTimeProvider();
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { PingInterval = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromDays(1), Backlog = 100_000, MaxBacklogBytes = 1 << 30 }, new() { TimeProvider = time });
        using var peer = await WebSocketPeer.OpenAsync(server);
        var socket = await sockets.TakeOpenedAsync();
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(() =>
        {
            for (var at = 0; at < 200; at++)
                socket.Post(Enumerable.Repeat((byte)sender, 1 + (at * 97 % 70_000)).ToArray());
        })).ToArray();
        var pinging = Task.Run(() =>
        {
            for (var at = 0; at < 200; at++)
                time.Advance(TimeSpan.FromSeconds(1));
        }, TestContext.Current.CancellationToken);
        for (var count = 0; count < 800;)
        {
            var (first, payload) = await peer.ReadFrameAsync();
            if (first == 0x89)
            {
                await peer.SendAsync(WebSocketPeer.Frame(10, payload));
                continue;
            }

            Assert.Equal(0x82, first);
            Assert.True(payload.AsSpan().IndexOfAnyExcept(payload[0]) < 0);
            count++;
        }

        await Task.WhenAll([.. senders, pinging]);
    }

    [Fact]
    public async Task The_end_of_the_server_is_told_and_waits_for_what_is_at_work()
    {
        var (gate, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        var sockets = new TestSockets(async (socket, _) =>
        {
            begun.SetResult();
            await gate.Task;
            socket.Post("answer");
        });
        await using var server = sockets.Serve();
        using var busy = await WebSocketPeer.OpenAsync(server);
        await busy.SendTextAsync("a");
        await begun.Task;
        using var idle = await WebSocketPeer.OpenAsync(server);
        var stopping = server.Server.ShutdownAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("close:1001", await idle.ReadAsync());
        await idle.SendAsync(WebSocketPeer.Close(1001));
        Assert.Empty(await idle.Client.ReadToEndAsync());
        gate.SetResult();
        Assert.Equal("text:answer", await busy.ReadAsync());
        Assert.Equal("close:1001", await busy.ReadAsync());
        await busy.SendAsync(WebSocketPeer.Close(1001));
        await stopping;
        Assert.Equal(1001, (await sockets.TakeClosedAsync()).Code);
        Assert.Equal(1001, (await sockets.TakeClosedAsync()).Code);
    }

    [Fact]
    public async Task A_client_that_sleeps_does_not_hold_up_the_end_of_the_server()
    {
        var time = new FakeTimeProvider();
        await using var server = new TestSockets().Serve(null, new() { TimeProvider = time });
        using var peer = await WebSocketPeer.OpenAsync(server);
        var stopping = server.Server.ShutdownAsync(TimeSpan.FromHours(1));
        Assert.Equal("close:1001", await peer.ReadAsync());
        // It ends its side when it is told to, but says nothing; a second later nobody waits for that.
        await UntilAsync(time, Read());
        await stopping;

        async Task<bool> Read()
        {
            Assert.Empty(await peer.Client.ReadToEndAsync());
            peer.Dispose();
            return true;
        }
    }

    [Fact]
    public async Task Over_TLS_all_is_the_same()
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(certificate: ServerCertificate.SelfSigned());
        using var peer = await WebSocketPeer.OpenAsync(server, "Origin: https://test\r\n", first: WebSocketPeer.Text("first"));
        Assert.Equal("first", await peer.ReadTextAsync());
        await peer.SendAsync(WebSocketPeer.Frame(2, new byte[100_000]));
        Assert.Equal(100_000, (await peer.ReadFrameAsync()).Payload.Length);
        await peer.SendAsync(WebSocketPeer.Close(1000));
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
    }

    [Theory]
    [InlineData(nameof(HttpWebSocketOptions.MaxMessageSize))]
    [InlineData(nameof(HttpWebSocketOptions.PingTimeout))]
    [InlineData(nameof(HttpWebSocketOptions.IdleTimeout))]
    [InlineData(nameof(HttpWebSocketOptions.Backlog))]
    [InlineData(nameof(HttpWebSocketOptions.SubProtocols))]
    public async Task Options_that_make_no_sense_are_named(string name)
    {
        var options = name switch
        {
            nameof(HttpWebSocketOptions.MaxMessageSize) => new HttpWebSocketOptions { MaxMessageSize = 0 },
            nameof(HttpWebSocketOptions.PingTimeout) => new() { PingTimeout = TimeSpan.Zero },
            nameof(HttpWebSocketOptions.IdleTimeout) => new() { IdleTimeout = TimeSpan.FromSeconds(-1) },
            nameof(HttpWebSocketOptions.Backlog) => new() { Backlog = 0 },
            _ => new() { SubProtocols = ["a b"] },
        };
        await using var server = new TestSockets().Serve(options);
        Assert.Equal(500, (await server.GetAsync("/", WebSocketPeer.Handshake)).Status);
        Assert.Contains(name, Assert.Single(server.Log.Errors), StringComparison.Ordinal);
    }

    /// <summary>Lets time pass until something has happened.</summary>
    /// <summary>
    /// For a clock that moves by more than an answer may take at once: what has arrived at the client may not be noted as sent yet.
    /// </summary>
    private static HttpServerOptions JumpingOptions(FakeTimeProvider time) =>
        new() { TimeProvider = time, RateGracePeriod = TimeSpan.FromHours(1) };

    private static async Task<T> UntilAsync<T>(FakeTimeProvider time, Task<T> task)
    {
        while (await Task.WhenAny(task, Task.Delay(1, TestContext.Current.CancellationToken)) != task)
            time.Advance(TimeSpan.FromSeconds(0.5));
        return await task;
    }
}
