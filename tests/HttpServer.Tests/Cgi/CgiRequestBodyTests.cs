using System.Globalization;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>Request bodies on their way to a program.</summary>
public sealed class CgiRequestBodyTests : IAsyncDisposable
{
    private const string Post = "POST /cgi-bin/echo HTTP/1.1\r\nHost: test\r\n";
    private readonly CgiSite _site = new();

    public CgiRequestBodyTests() => _site.Page("echo", "echo \"$CONTENT_LENGTH\"; cat");

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nabcde", "5\nabcde")]
    [InlineData("Content-Length: 0\r\n\r\n", "0\n")]
    [InlineData("\r\n", "\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "5\nabcde")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "0\n")]
    public async Task A_body_is_the_programs_input_and_ends_where_it_ends(string rest, string expected)
    {
        using var client = await _site.Serve().ConnectAsync();
        for (var turn = 0; turn < 2; turn++)
        {
            await client.SendAsync(Post + rest);
            Assert.Equal(expected, (await client.ReadResponseAsync()).Text);
        }
    }

    [Theory]
    [InlineData(1024 * 1024)]
    [InlineData((1024 * 1024) + 1)]
    [InlineData(5_000_000)]
    public async Task A_long_chunked_body_is_gathered_so_that_its_length_is_right(int size)
    {
        var body = new byte[size];
        new Random(size).NextBytes(body);
        _site.Page("sum", "echo \"$CONTENT_LENGTH\"; sha256sum | cut -d' ' -f1");
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync("POST /cgi-bin/sum HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (var part in body.Chunk(70_000))
        {
            await client.SendAsync(part.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
            await client.SendAsync(part);
            await client.SendAsync("\r\n");
        }

        await client.SendAsync("0\r\n\r\n");
        var sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body));
        Assert.Equal($"{size}\n{sum}\n", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_long_body_with_its_length_is_streamed()
    {
        var body = new byte[5_000_000];
        new Random(1).NextBytes(body);
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync(Post + $"Content-Length: {body.Length}\r\n\r\n");
        var sending = client.SendAsync(body);
        var response = await client.ReadResponseAsync();
        await sending;
        Assert.Equal(body, response.Body[$"{body.Length}\n".Length..]);
    }

    [Theory]
    [InlineData("Content-Length: 3000000")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task A_program_need_not_read_its_input(string framing)
    {
        _site.Page("deaf", "exec <&-; echo done");
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync($"POST /cgi-bin/deaf HTTP/1.1\r\nHost: test\r\n{framing}\r\n\r\n");
        var body = new byte[3_000_000];
        var sending = framing.StartsWith('C')
            ? client.SendAsync(body)
            : client.SendAsync((byte[])[.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. "\r\n0\r\n\r\n"u8]);
        Assert.Equal("done\n", (await client.ReadResponseAsync()).Text);
        try
        {
            await sending;
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The server has ended the connection: it had answered.
        }
    }

    [Fact]
    public async Task The_rest_of_a_body_is_not_waited_for_when_the_program_has_ended()
    {
        _site.Page("deaf", "echo done");
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync("POST /cgi-bin/deaf HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nbegun");
        Assert.Equal("done\n", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_client_that_expects_100_gets_it_before_it_sends_its_body()
    {
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync(Post + "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        await client.SendAsync("body");
        Assert.Equal("4\nbody", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_body_for_a_program_that_is_not_there_is_never_asked_for()
    {
        var response = await _site.Serve().SendAsync("POST /cgi-bin/missing HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(404, response.Status);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n64\r\n", 413)]
    [InlineData("Content-Length: 100\r\n\r\n", 413)]
    public async Task A_bad_body_is_refused(string rest, int status)
    {
        var response = await _site.Serve(options: new() { MaxRequestBodySize = 99 }).SendAsync(Post + rest);
        Assert.Equal(status, response.Status);
    }

    [Fact]
    public async Task A_compressed_body_reaches_the_program_as_it_is()
    {
        _site.Page("gzip", "echo $HTTP_CONTENT_ENCODING; gzip -dc");
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write("unpacked"u8);
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync($"POST /cgi-bin/gzip HTTP/1.1\r\nHost: test\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n");
        await client.SendAsync(packed.ToArray());
        Assert.Equal("gzip\nunpacked", (await client.ReadResponseAsync()).Text);
    }
}
