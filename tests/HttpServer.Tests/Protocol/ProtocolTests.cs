using System.Globalization;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Protocol;

/// <summary>HTTP over a real socket, as RFC 9112 has it.</summary>
public sealed class ProtocolTests
{
    private const string Get = "GET /a HTTP/1.1\r\nHost: test\r\n\r\n";

    /// <summary>Says which request this was, and gives its body back.</summary>
    private static readonly Func<BaseHttpRequestHandler, ValueTask> Echo = async handler =>
    {
        using var body = new MemoryStream();
        await handler.Rfile.CopyToAsync(body);
        handler.SendText($"{handler.Command} {handler.Path} {Encoding.Latin1.GetString(body.ToArray())}");
    };

    [Fact]
    public async Task A_connection_carries_many_requests()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        using var client = await server.ConnectAsync();
        for (var n = 0; n < 5; n++)
        {
            await client.SendAsync($"POST /{n} HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n{n}");
            Assert.Equal($"POST /{n} {n}", (await client.ReadResponseAsync()).Text);
        }

        Assert.Equal(1, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task Twenty_requests_in_one_packet_are_answered_in_order()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        using var client = await server.ConnectAsync();
        await client.SendAsync(string.Concat(Enumerable.Range(0, 20).Select(n => (n % 4) switch
        {
            0 => $"GET /{n} HTTP/1.1\r\nHost: test\r\n\r\n",
            1 => $"POST /{n} HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc",
            2 => $"POST /{n} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
            _ => $"PUT /{n} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n",
        })));
        for (var n = 0; n < 20; n++)
        {
            var expected = (n % 4) switch { 0 => $"GET /{n} ", 3 => $"PUT /{n} ", _ => $"POST /{n} abc" };
            Assert.Equal(expected, (await client.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task Requests_that_come_byte_by_byte_are_answered_all_the_same()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        using var client = await server.ConnectAsync();
        foreach (var letter in "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: y\r\n\r\n" + Get)
            await client.SendAsync(letter.ToString());
        Assert.Equal("POST / ab", (await client.ReadResponseAsync()).Text);
        Assert.Equal("GET /a ", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task An_answer_is_not_held_back_until_the_body_of_the_next_request_has_come()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + "POST /b HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal("GET /a ", (await client.ReadResponseAsync()).Text);
        await client.SendAsync("ok" + Get + "POST /b HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n2\r");
        Assert.Equal("POST /b ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal("GET /a ", (await client.ReadResponseAsync()).Text);
        await client.SendAsync("\nok\r\n0\r\n\r\n");
        Assert.Equal("POST /b ok", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\n\r\n", null, false)]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", "close", true)]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nConnection: x, CLOSE\r\n\r\n", "close", true)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "close", true)]
    [InlineData("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false)]
    [InlineData("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "close", true)]
    public async Task Connection_tokens_decide_whether_the_connection_stays(string request, string? token, bool ends)
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        using var client = await server.ConnectAsync();
        await client.SendAsync(request);
        Assert.Equal(token, (await client.ReadResponseAsync())["Connection"]);
        if (ends)
        {
            Assert.True(await client.IsEndedAsync());
            return;
        }

        await client.SendAsync(Get);
        Assert.Equal("GET /a ", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task HEAD_gets_the_headers_of_GET_and_no_body()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("hello"));
        using var client = await server.ConnectAsync();
        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n" + Get);
        Assert.Equal("5", (await client.ReadResponseAsync(isHead: true))["Content-Length"]);
        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Expect_100_is_answered_before_the_body_is_sent()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue", (await client.ReadResponseAsync()).StatusLine);
        await client.SendAsync("2\r\nok\r\n0\r\n\r\n" + Get);
        Assert.Equal("PUT / ok", (await client.ReadResponseAsync()).Text);
        Assert.Equal("GET /a ", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_body_that_was_not_asked_for_ends_the_connection_since_it_may_come_or_not()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("no"));
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 31\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await client.SendAsync(Get);
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public async Task An_absolute_target_is_served_like_its_path()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        Assert.Equal("GET /a?b ", (await server.SendAsync("GET http://test:80/a?b HTTP/1.1\r\nHost: test\r\n\r\n")).Text);
    }

    [Fact]
    public async Task OPTIONS_asterisk_reaches_the_handler()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        Assert.Equal("OPTIONS * ", (await server.SendAsync("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n")).Text);
    }

    [Fact]
    public async Task A_client_that_has_closed_its_half_still_gets_all_answers()
    {
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            await Task.Yield();
            await Echo(handler);
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get + "POST /b HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nok");
        client.FinishSending();
        Assert.Equal("GET /a ", (await client.ReadResponseAsync()).Text);
        Assert.Equal("POST /b ok", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public async Task A_line_of_http_0_9_gets_400()
    {
        await using var server = ActionHandler.ServeAsync(Echo);
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /\r\n");
        var answer = await client.ReadResponseAsync();
        Assert.Equal((400, "close"), (answer.Status, answer["Connection"]));
        Assert.True(await client.IsEndedAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10_000)]
    [InlineData(300_000)]
    public async Task Chunked_bodies_of_any_size_go_both_ways(int size)
    {
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            await handler.Rfile.CopyToAsync(handler.Wfile);
        });
        using var client = await server.ConnectAsync();
        var body = new byte[size];
        new Random(1).NextBytes(body);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
        var sending = SendChunksAsync();
        var answer = await client.ReadResponseAsync();
        await sending;
        Assert.Equal("chunked", answer["Transfer-Encoding"]);
        Assert.Equal(body, answer.Body);

        async Task SendChunksAsync()
        {
            for (int at = 0, length = 1; at < size; at += length, length = Math.Min(length * 3, size - at))
            {
                await client.SendAsync(length.ToString("X4", CultureInfo.InvariantCulture) + "\r\n");
                await client.SendAsync(body.AsMemory(at, length));
                await client.SendAsync("\r\n");
            }

            await client.SendAsync("0\r\n\r\n");
        }
    }

    [Fact]
    public async Task A_body_that_the_handler_leaves_unread_is_not_the_next_request()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText(handler.Path));
        using var client = await server.ConnectAsync();
        var inner = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";
        await client.SendAsync($"POST /1 HTTP/1.1\r\nHost: test\r\nContent-Length: {inner.Length}\r\n\r\n{inner}");
        await client.SendAsync($"POST /2 HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n{inner.Length:x}\r\n{inner}\r\n0\r\n\r\n{Get}");
        Assert.Equal("/1", (await client.ReadResponseAsync()).Text);
        Assert.Equal("/2", (await client.ReadResponseAsync()).Text);
        Assert.Equal("/a", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task An_unread_body_too_long_to_be_worth_reading_ends_the_connection_and_the_answer_arrives()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("no"));
        using var client = await server.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n{new string('a', 100000)}{Get}");
        Assert.Equal("no", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsEndedAsync());
    }
}
