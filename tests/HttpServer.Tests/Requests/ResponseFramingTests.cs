using Http.Server.Tests.Support;

namespace Http.Server.Tests.Requests;

/// <summary>Whatever a handler forgets, two answers never run into each other.</summary>
public sealed class ResponseFramingTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task An_answer_without_a_length_goes_in_chunks()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            handler.Wfile.Write("hello "u8);
            handler.Wfile.Flush();
            handler.Wfile.Write("world"u8);
        });
        using var client = await server.ConnectAsync();
        for (var n = 0; n < 2; n++)
        {
            await client.SendAsync(Get);
            var answer = await client.ReadResponseAsync();
            Assert.Equal(("chunked", "hello world"), (answer["Transfer-Encoding"], answer.Text));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")]
    public async Task An_answer_without_a_length_to_http_1_0_ends_with_the_connection(string request)
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            handler.Wfile.Write("hello"u8);
            handler.CloseConnection = false;
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(request + request);
        var answer = await client.ReadResponseAsync();
        Assert.Equal((null, "close", "hello"), (answer["Transfer-Encoding"], answer["Connection"], answer.Text));
    }

    [Fact]
    public async Task More_bytes_than_promised_never_reach_the_wire_and_the_connection_ends()
    {
        foreach (var write in new Func<Stream, ValueTask>[]
        {
            stream => stream.WriteAsync("hello world"u8.ToArray()),
            stream => stream.WriteAsync(new byte[100_000]),
            stream =>
            {
                stream.Write("hello world"u8);
                return default;
            },
        })
        {
            await using var server = ActionHandler.ServeAsync(async handler =>
            {
                handler.SendResponse(200);
                handler.SendHeader("Content-Length", "5");
                handler.EndHeaders();
                await write(handler.Wfile);
                await write(handler.Wfile);
            });
            using var client = await server.ConnectAsync();
            await client.SendAsync(Get + Get);
            Assert.Equal(5, (await client.ReadResponseAsync()).Body.Length);
            Assert.True(await client.IsEndedAsync());
            Assert.Contains("announced 5 bytes", Assert.Single(server.Log.Errors));
        }
    }

    [Fact]
    public async Task Fewer_bytes_than_promised_are_an_error_where_none_of_them_has_left()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(200);
            handler.SendHeader("Content-Length", "5");
            handler.EndHeaders();
            handler.Wfile.Write("hell"u8);
        });
        var answer = await server.GetAsync("/");
        Assert.Equal((500, "close"), (answer.Status, answer["Connection"]));
        Assert.DoesNotContain("hell", answer.Text);
    }

    [Fact]
    public async Task Fewer_bytes_than_promised_end_the_connection()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(200);
            handler.SendHeader("Content-Length", "5");
            handler.EndHeaders();
            handler.Wfile.Write("hell"u8);
            handler.Wfile.Flush();
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get);
        var all = System.Text.Encoding.Latin1.GetString(await client.ReadToEndAsync());
        Assert.EndsWith("\r\n\r\nhell", all);
        Assert.Contains("announced 5 bytes", Assert.Single(server.Log.Errors));
    }

    [Theory]
    [InlineData("HEAD", 200, null)]
    [InlineData("HEAD", 200, "Content-Length: 5")]
    [InlineData("HEAD", 200, "Transfer-Encoding: chunked")]
    [InlineData("GET", 204, null)]
    [InlineData("GET", 205, null)]
    [InlineData("GET", 304, "Content-Length: 5")]
    public async Task Where_no_body_belongs_none_is_sent(string verb, int status, string? header)
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(status);
            if (header?.Split(": ") is [var name, var value])
                handler.SendHeader(name, value);
            handler.EndHeaders();
            handler.Wfile.Write("hello"u8);
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync($"{verb} / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        Assert.EndsWith("\r\n\r\n", System.Text.Encoding.Latin1.GetString(await client.ReadToEndAsync()));
    }

    [Fact]
    public async Task A_205_that_announces_a_body_is_framed_as_announced()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(205);
            handler.SendHeader("Content-Length", "2");
            handler.EndHeaders();
            handler.Wfile.Write("ok"u8);
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_body_that_the_handler_frames_by_itself_ends_the_connection()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(200);
            handler.SendHeader("Transfer-Encoding", "chunked");
            handler.EndHeaders();
            handler.Wfile.Write("2\r\nok\r\n0\r\n\r\n"u8);
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get);
        var answer = await client.ReadResponseAsync();
        Assert.Equal(("ok", "close"), (answer.Text, answer["Connection"]));
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public async Task Switching_protocols_hands_the_connection_over()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponseOnly(101);
            handler.SendHeader("Upgrade", "spam");
            handler.SendHeader("Connection", "Upgrade");
            handler.EndHeaders();
            handler.Wfile.Write("spam"u8);
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get);
        Assert.Equal("HTTP/1.1 101 Switching Protocols\r\nUpgrade: spam\r\nConnection: Upgrade\r\n\r\nspam",
            System.Text.Encoding.Latin1.GetString(await client.ReadToEndAsync()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_exception_before_the_answer_was_sent_gets_500(int progress)
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            if (progress > 0)
                handler.SendResponse(200);
            if (progress > 1)
                handler.EndHeaders();
            if (progress > 2)
                handler.Wfile.Write("partial"u8);
            throw new InvalidOperationException("boom");
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get);
        for (var count = 0; count < 2; count++)
        {
            // An answer whose end the connection's end was to tell has decided on that.
            var answer = await client.ReadResponseAsync();
            Assert.Equal((500, (string?)null), (answer.Status, answer["Connection"]));
            Assert.DoesNotContain("partial", answer.Text);
        }

        Assert.All(server.Log.Errors, error => Assert.Contains("boom", error));
    }

    [Fact]
    public async Task An_exception_after_part_of_the_answer_was_sent_breaks_the_connection()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            handler.Wfile.Write("partial"u8);
            handler.Wfile.Flush();
            throw new InvalidOperationException("boom");
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get);
        await Assert.ThrowsAsync<EndOfStreamException>(() => client.ReadResponseAsync());
        await server.Log.WaitForAsync(log => log.Requests.Count == 1);
        Assert.Contains("boom", Assert.Single(server.Log.Errors));
    }

    public static TheoryData<Exception> FaultsOfOtherConnections => new((IEnumerable<Exception>)[
        new ObjectDisposedException("something of the handler's own"),
        new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionReset),
        new IOException("", new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.TimedOut)),
        new OperationCanceledException()]);

    [Theory]
    [MemberData(nameof(FaultsOfOtherConnections), DisableDiscoveryEnumeration = true)]
    public async Task A_handlers_fault_with_another_connection_is_not_taken_for_the_clients_leaving(Exception fault)
    {
        await using var server = ActionHandler.Serve(_ => throw fault);
        Assert.Equal(500, (await server.GetAsync("/")).Status);
        Assert.Contains(fault.GetType().Name, Assert.Single(server.Log.Errors));
    }

    [Fact]
    public async Task A_forgotten_answer_gets_500_and_is_logged()
    {
        await using var server = ActionHandler.Serve(_ => { });
        Assert.Equal(500, (await server.GetAsync("/x")).Status);
        Assert.Contains("gave no answer to \"GET /x HTTP/1.1\"", Assert.Single(server.Log.Errors));
    }

    [Fact]
    public async Task A_forgotten_EndHeaders_is_made_up_for()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            handler.SendResponse(200);
            handler.SendHeader("Content-Length", "0");
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + Get);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_a_debug_line_and_no_error()
    {
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            while (true)
                await handler.Wfile.WriteAsync(new byte[100_000]);
        });
        using (var client = await server.ConnectAsync())
        {
            await client.SendAsync(Get);
            client.Reset();
        }

        await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Level == LogLevel.Debug));
        Assert.Empty(server.Log.Errors);
    }
}
