using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

public sealed class CgiAnswerTests : IAsyncDisposable
{
    private readonly CgiSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("Content-Type: text/plain\\n\\nbody")]
    [InlineData("Content-Type: text/plain\\r\\n\\r\\nbody")]
    [InlineData("Content-Type: text/plain\\r\\n\\nbody")]
    [InlineData("content-type:text/plain\\n\\nbody")]
    public async Task Header_lines_end_in_LF_or_CRLF(string output)
    {
        var response = await _site.RunAsync($"printf '{output}'");
        Assert.Equal(("HTTP/1.1 200 OK", "text/plain", "body"), (response.StatusLine, response["Content-Type"], response.Text));
    }

    [Theory]
    [InlineData("Status: 404 Not Here", "HTTP/1.1 404 Not Here")]
    [InlineData("Status: 418", "HTTP/1.1 418 I'm a teapot")]
    [InlineData("Status: 201 Made", "HTTP/1.1 201 Made")]
    [InlineData("Status: 500 My Fault", "HTTP/1.1 500 My Fault")]
    public async Task The_status_is_the_programs(string line, string expected)
    {
        _site.Script("status", $"cat <<'X'\n{line}\nContent-Type: text/plain\n\nbody\nX\n");
        var server = _site.Serve();
        var response = await server.GetAsync("/cgi-bin/status");
        Assert.Equal((expected, "body\n"), (response.StatusLine, response.Text));
        await server.Log.WaitForAsync(log => log.Requests.Any(request => request.Status == response.Status && request.Bytes == 5));
        Assert.Null(response["Status"]);
    }

    [Theory]
    [InlineData("204 No Content")]
    [InlineData("304 Not Modified")]
    public async Task An_answer_that_has_no_body_has_none(string status)
    {
        _site.Script("none", $"printf 'Status: {status}\\nContent-Type: text/plain\\n\\nbody'");
        using var client = await _site.Serve().ConnectAsync();
        for (var turn = 0; turn < 2; turn++)
        {
            await client.SendAsync("GET /cgi-bin/none HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal($"HTTP/1.1 {status}", (await client.ReadResponseAsync()).StatusLine);
        }
    }

    [Fact]
    public async Task Headers_are_passed_on_and_the_servers_own_are_the_servers()
    {
        var response = await _site.RunAsync("printf 'Content-Type: text/plain\\nSet-Cookie: a=1\\nX-Own: é\\nSet-Cookie: b=2\\nServer: mine\\nDate: never\\nConnection: close\\nTransfer-Encoding: gzip\\n\\nbody'");
        Assert.Equal(["a=1", "b=2"], response.Headers.Where(header => header.Key == "Set-Cookie").Select(header => header.Value));
        Assert.Equal(Encoding.Latin1.GetString("é"u8), response["X-Own"]);
        Assert.StartsWith("HttpServer/", response["Server"], StringComparison.Ordinal);
        Assert.EndsWith(" GMT", response["Date"], StringComparison.Ordinal);
        Assert.Equal((null, "chunked", "body"), (response["Connection"], response["Transfer-Encoding"], response.Text));
    }

    [Fact]
    public async Task An_absolute_location_is_a_redirect_for_the_client()
    {
        var response = await _site.RunAsync("printf 'Location: http://other.test/x\\n\\n'");
        Assert.Equal((302, "http://other.test/x"), (response.Status, response["Location"]));
    }

    [Fact]
    public async Task A_location_with_a_status_is_the_programs_redirect()
    {
        var response = await _site.RunAsync("printf 'Status: 303 See Other\\nLocation: /page.txt\\n\\n'");
        Assert.Equal((303, "/page.txt"), (response.Status, response["Location"]));
    }

    [Fact]
    public async Task A_local_location_is_answered_with_that_file()
    {
        _site.Write("page.txt", "page");
        var response = await _site.RunAsync("printf 'Location: /page.txt\\n\\n'");
        Assert.Equal((200, "page", null), (response.Status, response.Text, response["Location"]));
    }

    [Fact]
    public async Task A_local_location_may_be_another_program_that_is_asked_with_GET()
    {
        _site.Page("other", "printf '%s %s %s %s' $REQUEST_METHOD \"$QUERY_STRING\" \"$PATH_INFO\" \"${CONTENT_LENGTH-none}\"; cat");
        _site.Script("first", "printf 'Location: /cgi-bin/other/info?q=1\\n\\n'");
        var response = await _site.Serve().SendAsync("POST /cgi-bin/first?old HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody");
        Assert.Equal("GET q=1 /info none", response.Text);
    }

    [Theory]
    [InlineData("/../../etc/passwd", 400)]
    [InlineData("/missing", 404)]
    [InlineData("/cgi-bin/missing", 404)]
    [InlineData("/cgi-bin/once", 500)]
    public async Task A_local_location_leads_no_further_than_a_request(string location, int status) =>
        Assert.Equal(status, (await _site.RunAsync($"printf 'Location: {location}\\n\\n'")).Status);

    [Fact]
    public async Task The_answer_is_sent_as_it_comes()
    {
        // The program waits for the rest of the request, and the client for the beginning of the answer.
        _site.Page("slow", "echo first; read line; echo \"got $line\"");
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync("POST /cgi-bin/slow HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\n");
        Assert.Contains("Transfer-Encoding: chunked\r\n", await client.ReadThroughAsync("\r\n\r\n"), StringComparison.Ordinal);
        await client.ReadThroughAsync("\r\nfirst\n\r\n");
        await client.SendAsync("more\n");
        await client.ReadThroughAsync("\r\ngot more\n\r\n");
        Assert.Equal("0\r\n\r\n", await client.ReadThroughAsync("\r\n\r\n"));
    }

    [Fact]
    public async Task A_header_is_sent_before_there_is_a_body()
    {
        _site.Page("slow", "read line; echo body");
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync("POST /cgi-bin/slow HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadThroughAsync("\r\n\r\n"), StringComparison.Ordinal);
        await client.SendAsync("\n");
        await client.ReadThroughAsync("0\r\n\r\n");
    }

    [Fact]
    public async Task Thirty_programs_that_wait_hold_up_no_file()
    {
        _site.Page("waiting", "read line; echo \"got $line\"");
        _site.Write("file.txt", "file");
        var server = _site.Serve(handler => handler.CgiMaxProcesses = 30);
        var clients = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => server.ConnectAsync()));
        foreach (var client in clients)
            await client.SendAsync("POST /cgi-bin/waiting HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n");
        for (var round = 0; round < 30; round++)
            Assert.Equal("file", (await server.GetAsync("/file.txt")).Text);
        foreach (var client in clients)
        {
            await client.SendAsync("x\n");
            Assert.Equal("got x\n", (await client.ReadResponseAsync()).Text);
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_connection_is_kept_for_further_programs()
    {
        _site.Page("chunked", "printf x");
        _site.Script("sized", "printf 'Content-Type: text/plain\\nContent-Length: 4\\n\\nbody'");
        using var client = await _site.Serve().ConnectAsync();
        foreach (var (name, body) in new[] { ("chunked", "x"), ("sized", "body"), ("chunked", "x") })
        {
            await client.SendAsync($"GET /cgi-bin/{name} HTTP/1.1\r\nHost: test\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.Equal((body, name == "sized" ? "4" : null), (response.Text, response["Content-Length"]));
        }
    }

    [Fact]
    public async Task An_HTTP_1_0_client_gets_no_chunks()
    {
        _site.Page("page", "printf body");
        var response = await _site.Serve().SendAsync("GET /cgi-bin/page HTTP/1.0\r\n\r\n");
        Assert.Equal((null, null, "body"), (response["Transfer-Encoding"], response["Content-Length"], response.Text));
    }

    [Fact]
    public async Task More_than_the_promised_length_is_cut_off()
    {
        var response = await _site.RunAsync("printf 'Content-Type: text/plain\\nContent-Length: 4\\n\\nbodyHTTP/1.1 200 OK\\r\\n'");
        Assert.Equal("body", response.Text);
    }

    [Fact]
    public async Task Less_than_the_promised_length_is_502_where_nothing_has_left_and_else_cut_off()
    {
        _site.Script("short", "printf 'Content-Type: text/plain\\nContent-Length: 9\\n\\nbody'");
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/short HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        var answer = Encoding.ASCII.GetString(await client.ReadToEndAsync());
        // What a program prints leaves the server when no more of it is there: its end may come a moment later.
        Assert.True(
            answer.StartsWith("HTTP/1.1 502 ", StringComparison.Ordinal) || answer.EndsWith("\r\n\r\nbody", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task A_large_answer_comes_whole()
    {
        Tool.Require("python3", "python3");
        _site.Script("large", "#!/usr/bin/env python3\nimport sys\nsys.stdout.write('Content-Type: application/octet-stream\\n\\n')\nsys.stdout.flush()\nfor i in range(3000000):\n    sys.stdout.buffer.write(b'%07d\\n' % i)\n");
        var response = await _site.GetAsync("/cgi-bin/large");
        Assert.Equal(24_000_000, response.Body.Length);
        for (var at = 0; at < 3_000_000; at += 9973)
            Assert.Equal($"{at:0000000}\n", Encoding.ASCII.GetString(response.Body, at * 8, 8));
    }

    [Fact]
    public async Task A_nph_program_speaks_for_itself()
    {
        _site.Script("nph-own", "printf 'HTTP/1.1 299 Mine\\r\\nX-Own: %s\\r\\nContent-Length: 4\\r\\n\\r\\nbody' \"$SERVER_PROTOCOL\"");
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/nph-own HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("HTTP/1.1 299 Mine\r\nX-Own: HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", Encoding.ASCII.GetString(await client.ReadToEndAsync()));
        await server.Log.WaitForAsync(log => log.Requests.Any(request => request.Status == 299));
    }

    [Fact]
    public async Task A_nph_answer_is_sent_as_it_comes()
    {
        _site.Script("nph-slow", "printf 'HTTP/1.0 200 OK\\r\\n\\r\\nfirst\\n'; read line; echo \"got $line\"");
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync("POST /cgi-bin/nph-slow HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n");
        await client.ReadThroughAsync("first\n");
        await client.SendAsync("x\n");
        Assert.Equal("got x\n", Encoding.ASCII.GetString(await client.ReadToEndAsync()));
    }

    [Fact]
    public async Task X_Sendfile_is_not_honoured_unless_it_is_enabled()
    {
        _site.Write("page.txt", "page");
        var response = await _site.RunAsync("printf 'Content-Type: text/x\\nX-Sendfile: page.txt\\n\\nbody'");
        Assert.Equal((200, "body"), (response.Status, response.Text));
        var enabled = _site.Serve(handler => handler.CgiSendFile = true);
        response = await enabled.GetAsync("/cgi-bin/once");
        Assert.Equal((200, "page", "text/x", "4"), (response.Status, response.Text, response["Content-Type"], response["Content-Length"]));
        Assert.Null(response["X-Sendfile"]);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside.txt")]
    [InlineData("missing.txt")]
    [InlineData("cgi-bin")]
    [InlineData("")]
    public async Task X_Sendfile_sends_nothing_from_elsewhere(string name)
    {
        File.WriteAllText(Path.Combine(_site.Home, "outside.txt"), "SECRET");
        _site.Script("send", $"printf 'Content-Type: text/plain\\nX-Sendfile: {name}\\n\\n'");
        var server = _site.Serve(handler => handler.CgiSendFile = true);
        var response = await server.GetAsync("/cgi-bin/send");
        Assert.Equal(500, response.Status);
        Assert.DoesNotContain("SECRET", response.Text, StringComparison.Ordinal);
        await server.Log.WaitForAsync(log => log.Errors.Any(error => error.Contains("X-Sendfile", StringComparison.Ordinal)));
    }
}
