using Http.Server.Tests.Support;

namespace Http.Server.Tests.Protocol;

/// <summary>Every malformed request gets its status over a real socket, and nothing behind it is taken for a request.</summary>
public sealed class ProtocolRefusalTests
{
    private const string Host = "Host: test\r\n";
    private const string Get = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: test\n\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\rX: y\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nX: y\r\n z\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost : test\r\n\r\n")]
    [InlineData("G@T / HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nX@: y\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nX: \u0001\r\n\r\n")]
    [InlineData("GET /\0 HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nX: \0\r\n\r\n")]
    [InlineData("GET / http/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nHost: test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n")]
    [InlineData("GET * HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET http://other/ HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: +1\r\n\r\na")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1, 1\r\n\r\na")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999999999999\r\n\r\na")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST / HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET / HTTP/3.0\r\nHost: test\r\n\r\n", 505)]
    [InlineData("\u0016\u0003\u0001\u0002")]
    public async Task A_malformed_head_is_refused_and_the_connection_closed(string request, int status = 400)
    {
        var called = false;
        await using var server = ActionHandler.Serve(handler =>
        {
            called = true;
            handler.SendText("");
        });
        await AssertRefusedAsync(server, request + Get, status);
        Assert.False(called);
    }

    [Theory]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("5\rhello\r\n0\r\n\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("+5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-1\r\n\r\n0\r\n\r\n")]
    [InlineData(" 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("\r\nhello\r\n0\r\n\r\n")]
    [InlineData("g\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;\nx\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a=\"\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a b\r\nhello\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffff5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello!\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX : y\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX: \0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX: y\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n\n")]
    public async Task A_malformed_chunked_body_is_refused_and_the_connection_closed(string body)
    {
        await using var server = ReadingServer();
        await AssertRefusedAsync(server, $"POST / HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n{body}{Get}", 400);
    }

    [Fact]
    public async Task A_chunk_extension_is_capped()
    {
        await using var server = ReadingServer();
        var head = $"POST / HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n";
        await AssertRefusedAsync(server, $"{head}5;{new string('a', 5000)}\r\nhello\r\n0\r\n\r\n", 400);
        await AssertRefusedAsync(server, $"{head}5;{new string('a', 5000)}", 400);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhell")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhell")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")]
    public async Task A_body_that_ends_early_is_refused(string rest)
    {
        await using var server = ReadingServer();
        using var client = await server.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\n{Host}{rest}");
        client.FinishSending();
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public async Task A_head_that_ends_early_is_refused()
    {
        await using var server = ReadingServer();
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHos");
        client.FinishSending();
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task After_a_malformed_body_that_the_handler_let_pass_nothing_is_read_as_a_request()
    {
        await using var server = ActionHandler.ServeAsync(
            async handler =>
            {
                for (var attempt = 0; attempt < 2; attempt++)
                    await Assert.ThrowsAsync<RequestFaultException>(() => handler.Rfile.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
                handler.SendText("I do not mind");
            },
            new HttpServerOptions { MaxRequestBodySize = 10 });
        foreach (var body in new[] { "x\r\n", "7fffffff\r\n0\r\n\r\n", "1\r\naX0\r\n\r\n" })
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync($"POST / HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n{body}{Get}");
            Assert.Equal("I do not mind", (await client.ReadResponseAsync()).Text);
            Assert.True(await client.IsEndedAsync());
        }
    }

    [Fact]
    public async Task An_error_page_tells_nothing_of_the_request_unescaped_and_nothing_of_the_insides()
    {
        await using var server = ActionHandler.Serve(_ => throw new InvalidOperationException("secret"));
        var answer = await server.GetAsync("/<script>");
        Assert.DoesNotContain("<script>", answer.Text);
        Assert.Equal(500, answer.Status);
        answer = await server.GetAsync("/#<script>");
        Assert.DoesNotContain("<script>", answer.Text);
        Assert.Equal(400, answer.Status);
        answer = await server.GetAsync("/");
        Assert.Equal(500, answer.Status);
        Assert.DoesNotContain("secret", answer.Text);
        Assert.DoesNotContain("Exception", answer.Text);
    }

    private static RunningServer ReadingServer() => ActionHandler.ServeAsync(async handler =>
    {
        await handler.Rfile.CopyToAsync(Stream.Null);
        handler.SendText("");
    });

    private static async Task AssertRefusedAsync(RunningServer server, string request, int status)
    {
        using var client = await server.ConnectAsync();
        await client.SendAsync(request);
        var answer = await client.ReadResponseAsync();
        Assert.Equal((status, "close"), (answer.Status, answer["Connection"]));
        Assert.True(await client.IsEndedAsync());
    }
}
