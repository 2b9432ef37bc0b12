using Http.Server.Tests.Support;

namespace Http.Server.Tests.Requests;

/// <summary>An error whose end can be told does not end its connection, unless nobody knows where the next request begins.</summary>
public sealed class ErrorConnectionTests : IDisposable
{
    private const string Host = " HTTP/1.1\r\nHost: test\r\n";
    private readonly TempDirectory _directory = new();

    public ErrorConnectionTests() => _directory.Write("a.txt", "after");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("GET /nothing" + Host + "\r\n", 404)]
    [InlineData("GET /..%2fx" + Host + "\r\n", 404)]
    [InlineData("GET /../x" + Host + "\r\n", 400)]
    [InlineData("GET /%zz" + Host + "\r\n", 400)]
    [InlineData("GET /nothing HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 404)]
    [InlineData("GET /a.txt" + Host + "If-Match: \"x\"\r\n\r\n", 412)]
    [InlineData("GET /a.txt" + Host + "Range: bytes=99-\r\n\r\n", 416)]
    [InlineData("DELETE /a.txt" + Host + "\r\n", 501)]
    [InlineData("POST /a.txt" + Host + "Content-Length: 5\r\n\r\nhello", 501)]
    [InlineData("POST /a.txt" + Host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 501)]
    [InlineData("GET /nothing" + Host + "Content-Length: 5\r\n\r\nhello", 404)]
    [InlineData("GET /a.txt" + Host + "Expect: eggs\r\n\r\n", 417)]
    public async Task The_connection_goes_on(string request, int status)
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        using var client = await server.ConnectAsync();
        await client.SendAsync(request + request + "GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        for (var count = 0; count < 2; count++)
        {
            var answer = await client.ReadResponseAsync();
            Assert.Equal(status, answer.Status);
            Assert.NotEqual("close", answer["Connection"]);
        }

        Assert.Equal("after", (await client.ReadResponseAsync()).Text);
        Assert.Equal(1, server.Server.ConnectionCount);
    }

    [Theory]
    [InlineData("GET /nothing" + Host + "Connection: close\r\n\r\n", 404)]
    [InlineData("GET /nothing HTTP/1.0\r\n\r\n", 404)]
    [InlineData("GET /\u0001" + Host + "\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("POST /a.txt" + Host + "Content-Length: 100000\r\n\r\n", 501)]
    [InlineData("POST /a.txt" + Host + "Content-Length: 99999999999\r\n\r\n", 413)]
    [InlineData("POST /a.txt" + Host + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 501)]
    [InlineData("POST /a.txt" + Host + "Content-Length: 5\r\nExpect: eggs\r\n\r\n", 501)]
    [InlineData("GET /nothing" + Host + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 404)]
    [InlineData("CONNECT test:443" + Host + "\r\n", 501)]
    public async Task Where_it_is_in_doubt_it_ends_and_says_so(string request, int status)
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        using var client = await server.ConnectAsync();
        await client.SendAsync(request);
        var answer = await client.ReadResponseAsync();
        Assert.Equal((status, "close"), (answer.Status, answer["Connection"]));
        Assert.True(await client.IsEndedAsync());
    }

    [Theory]
    [InlineData("", false, null)]
    [InlineData("Content-Length: 5\r\n\r\nhello", true, null)]
    [InlineData("Content-Length: 5\r\n\r\nhello", false, "close")]
    public async Task After_a_handlers_exception_it_goes_on_once_the_body_has_been_read(string rest, bool reads, string? connection)
    {
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            if (reads)
                await handler.Rfile.CopyToAsync(Stream.Null);
            throw new InvalidOperationException("boom");
        });
        var answer = await server.SendAsync("POST /" + Host + (rest.Length > 0 ? rest : "\r\n"));
        Assert.Equal((500, connection), (answer.Status, answer["Connection"]));
    }

    [Fact]
    public async Task After_a_handlers_refusal_the_rest_of_the_body_is_thrown_away()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            if (handler.Command == "GET")
                handler.SendText("after");
            else
                throw new RequestFaultException(422, "That makes no sense");
        });
        using var client = await server.ConnectAsync();
        await client.SendAsync("POST /" + Host + "Content-Length: 5\r\n\r\nhello" + "GET /" + Host + "\r\n");
        Assert.Equal((422, null), ((await client.ReadResponseAsync()) is var answer ? answer.Status : 0, answer["Connection"]));
        Assert.Equal("after", (await client.ReadResponseAsync()).Text);
    }
}
