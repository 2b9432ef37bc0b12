using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

public sealed class CgiPathTests : IAsyncDisposable
{
    private const string Source = "# SOURCE-OF-THE-SCRIPT";
    private readonly CgiSite _site = new();
    private readonly RunningServer _server;

    public CgiPathTests()
    {
        foreach (var name in new[] { "cgi-bin/run", "htbin/run", "cgi-bin/sub/deep", "cgi-bin/run me", "cgi-bin/déjà" })
            _site.Script(name, $"{Source}\nprintf 'Content-Type: text/plain\\n\\n'\nprintf '%s' \"ran $SCRIPT_NAME|$PATH_INFO|$QUERY_STRING\"\n");
        _site.Write("cgi-bin/data.txt", Source);
        _site.Script("cgi-binary/run", Source);
        _site.Script("other/run", Source);
        _site.Write("page.txt", "page");
        CgiSite.Open(Path.Combine(_site.Root, "cgi-bin/sub"));
        CgiSite.Open(Path.Combine(_site.Root, "htbin"));
        _server = _site.Serve();
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("/cgi-bin/run", "/cgi-bin/run||")]
    [InlineData("/htbin/run", "/htbin/run||")]
    [InlineData("/cgi-bin/sub/deep", "/cgi-bin/sub/deep||")]
    [InlineData("/cgi-bin/run?a=b&c=%20", "/cgi-bin/run||a=b&c=%20")]
    [InlineData("/cgi-bin/run?", "/cgi-bin/run||")]
    [InlineData("/cgi-bin/run/more/info?q", "/cgi-bin/run|/more/info|q")]
    [InlineData("/cgi-bin/run/", "/cgi-bin/run|/|")]
    [InlineData("/cgi-bin/run/dir/", "/cgi-bin/run|/dir/|")]
    [InlineData("/cgi-bin/run/a%20b%3Fc", "/cgi-bin/run|/a b?c|")]
    [InlineData("/cgi-bin/run/a%2Fb", "/cgi-bin/run|/a/b|")]
    [InlineData("/cgi-bin/run/a%2fb/c?q=%2F", "/cgi-bin/run|/a/b/c|q=%2F")]
    [InlineData("/cgi-bin/run/http:%2F%2Fhost%2F", "/cgi-bin/run|/http://host/|")]
    [InlineData("/cgi-bin/run/%2F", "/cgi-bin/run|//|")]
    [InlineData("/cgi-bin%2Frun", "/cgi-bin/run||")]
    [InlineData("/cgi-bin%2Fsub%2Fdeep%2Fx", "/cgi-bin/sub/deep|/x|")]
    [InlineData("/cgi-bin/run/x?a/../b", "/cgi-bin/run|/x|a/../b")]
    [InlineData("/cgi-bin/run%20me", "/cgi-bin/run me||")]
    [InlineData("/cgi-bin/d%C3%A9j%C3%A0", "/cgi-bin/déjà||")]
    [InlineData("/%63gi-bin/%72un", "/cgi-bin/run||")]
    [InlineData("/cgi%2Dbin/run", "/cgi-bin/run||")]
    [InlineData("//cgi-bin//run", "/cgi-bin/run||")]
    [InlineData("/./cgi-bin/./run", "/cgi-bin/run||")]
    [InlineData("/%2e/cgi-bin/%2e/run", "/cgi-bin/run||")]
    [InlineData("/x/../cgi-bin/run", "/cgi-bin/run||")]
    [InlineData("/x/%2e%2e/cgi-bin/run", "/cgi-bin/run||")]
    [InlineData("/cgi-bin/sub/../run", "/cgi-bin/run||")]
    [InlineData("/cgi-bin/run/a/../b", "/cgi-bin/run|/b|")]
    [InlineData("http://test/cgi-bin/run", "/cgi-bin/run||")]
    public async Task A_path_below_a_CGI_directory_runs_its_program(string target, string expected)
    {
        var response = await _server.GetAsync(target);
        Assert.Equal((200, "ran " + expected), (response.Status, response.Text));
    }

    [Fact]
    public async Task What_is_no_UTF_8_reaches_a_program_byte_for_byte() =>
        Assert.Equal([.. "ran /cgi-bin/run|/"u8, 0xFF, (byte)'/', 0xC3, (byte)'|'], (await _server.GetAsync("/cgi-bin/run/%FF/%C3")).Body);

    [Theory]
    [InlineData("/cgi-bin", 403)]
    [InlineData("/cgi-bin/", 403)]
    [InlineData("/cgi-bin/.", 403)]
    [InlineData("/cgi-bin/sub", 403)]
    [InlineData("/cgi-bin/sub/", 403)]
    [InlineData("/cgi-bin/data.txt", 403)]
    [InlineData("/cgi-bin/data.txt/more", 403)]
    [InlineData("/cgi-bin/missing", 404)]
    [InlineData("/cgi-bin/missing/run", 404)]
    [InlineData("/cgi-bin%2F%2Frun", 404)]
    [InlineData("/cgi-bin/%2Frun", 404)]
    [InlineData("/%2Fcgi-bin/run", 404)]
    [InlineData("/cgi-bin%2Fdata.txt", 403)]
    [InlineData("/cgi-bin%2Fmissing", 404)]
    [InlineData("/cgi-bin/run/a%2F..%2Fb", 404)]
    [InlineData("/cgi-bin/run/..%2F..%2Fb", 404)]
    [InlineData("/cgi-bin/%ffrun", 404)]
    [InlineData("/cgi-bin%5Crun", 404)]
    [InlineData("/cgi-bin/run%00", 400)]
    [InlineData("/cgi-bin/run%", 400)]
    [InlineData("/cgi-bin/..%2Fother%2Frun", 404)]
    [InlineData("/cgi-bin/../../cgi-bin/run", 400)]
    [InlineData("/cgi-bin/%252e%252e/other/run", 404)]
    [InlineData("/CGI-BIN/run", 404)]
    public async Task What_is_no_program_is_neither_run_nor_shown(string target, int status)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere /CGI-BIN may be /cgi-bin.");
        var response = await _server.GetAsync(target);
        Assert.Equal(status, response.Status);
        Assert.DoesNotContain("SOURCE", response.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("ran ", response.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/cgi-binary/run", Source)]
    [InlineData("/other/run", Source)]
    [InlineData("/cgi-bin/../other/run", Source)]
    [InlineData("/cgi-bin/%2e%2e/other/run", Source)]
    [InlineData("/page.txt", "page")]
    public async Task Everything_else_is_a_file(string target, string expected)
    {
        var response = await _server.GetAsync(target);
        Assert.Equal(200, response.Status);
        Assert.Contains(expected, response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_into_a_CGI_directory_does_not_show_the_program()
    {
        File.CreateSymbolicLink(Path.Combine(_site.Root, "shown.txt"), Path.Combine(_site.Root, "cgi-bin", "run"));
        Directory.CreateSymbolicLink(Path.Combine(_site.Root, "bin"), Path.Combine(_site.Root, "cgi-bin"));
        foreach (var target in new[] { "/shown.txt", "/bin/run", "/bin/sub/deep", "/bin/", "/bin/data.txt" })
        {
            var response = await _server.GetAsync(target);
            Assert.Equal(404, response.Status);
            Assert.DoesNotContain("SOURCE", response.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_CGI_directory_that_is_a_link_does_not_show_its_programs_where_they_really_lie()
    {
        _site.Script("programs/secret", "printf 'Content-Type: text/plain\\n\\nran'");
        Directory.CreateSymbolicLink(Path.Combine(_site.Root, "linked"), "programs");
        CgiSite.Open(Path.Combine(_site.Root, "programs"));
        var server = _site.Serve(handler => handler.CgiDirectories = ["/linked"]);
        Assert.Equal("ran", (await server.GetAsync("/linked/secret")).Text);
        Assert.Equal(404, (await server.GetAsync("/programs/secret")).Status);
    }

    [Fact]
    public async Task A_program_behind_a_link_that_leaves_the_directory_is_not_run()
    {
        var outside = Path.Combine(_site.Home, "outside");
        File.Copy(Path.Combine(_site.Root, "cgi-bin", "run"), outside);
        File.CreateSymbolicLink(Path.Combine(_site.Root, "cgi-bin", "link"), outside);
        Assert.Equal(404, (await _server.GetAsync("/cgi-bin/link")).Status);
        var following = _site.Serve(handler => handler.Symlinks = SymlinkPolicy.Follow);
        Assert.Equal(200, (await following.GetAsync("/cgi-bin/link")).Status);
    }

    [Fact]
    public async Task A_fifo_in_a_CGI_directory_is_neither_run_nor_waited_for()
    {
        await Tool.RunAsync("mkfifo", Path.Combine(_site.Root, "cgi-bin", "fifo"));
        Assert.Equal(404, (await _server.GetAsync("/cgi-bin/fifo")).Status);
    }

    [Fact]
    public async Task The_directories_can_be_chosen()
    {
        _site.Script("deep/down/run", "printf 'Content-Type: text/plain\\n\\ndeep'\n");
        var server = _site.Serve(handler => handler.CgiDirectories = ["deep/down/"]);
        Assert.Equal("deep", (await server.GetAsync("/deep/down/run")).Text);
        Assert.Contains("SOURCE", (await server.GetAsync("/cgi-bin/run")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await server.GetAsync("/deep/down/")).Status);
        Assert.Equal(200, (await server.GetAsync("/deep/")).Status);
    }

    [Fact]
    public async Task Handlers_with_other_directories_do_not_show_what_these_hide()
    {
        var server = _site.Serve(handler => handler.CgiDirectories = ["/none"]);
        Assert.Contains("SOURCE", (await server.GetAsync("/cgi-bin/run")).Text, StringComparison.Ordinal);
        Assert.StartsWith("ran ", (await _server.GetAsync("/cgi-bin/run")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hidden_program_is_not_run()
    {
        _site.Page(".secret", "echo ran");
        var server = _site.Serve(handler => handler.HideDotfiles = true);
        Assert.Equal(404, (await server.GetAsync("/cgi-bin/.secret")).Status);
        Assert.Equal("ran\n", (await _server.GetAsync("/cgi-bin/.secret")).Text);
    }

    [Theory]
    [InlineData("POST", "/page.txt", 501, "Can only POST to CGI scripts")]
    [InlineData("POST", "/cgi-binary/run", 501, "Can only POST to CGI scripts")]
    [InlineData("POST", "/", 501, "Can only POST to CGI scripts")]
    [InlineData("PUT", "/page.txt", 501, "Unsupported method ('PUT')")]
    [InlineData("DELETE", "/cgi-binary/run", 501, "Unsupported method ('DELETE')")]
    public async Task Verbs_beyond_GET_are_for_programs_alone(string verb, string target, int status, string reason)
    {
        var response = await _server.SendAsync($"{verb} {target} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal($"HTTP/1.1 {status} {reason}", response.StatusLine);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    [InlineData("get")]
    public async Task Every_verb_reaches_a_program(string verb)
    {
        _site.Page("verb", "printf '%s' $REQUEST_METHOD; cat");
        var response = await _server.SendAsync($"{verb} /cgi-bin/verb HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody");
        Assert.Equal((200, verb + "body"), (response.Status, response.Text));
    }

    [Fact]
    public async Task HEAD_runs_the_program_and_gets_its_head_alone()
    {
        _site.Script("head", "printf 'Content-Type: text/plain\\nX-Method: %s\\n\\nbody' $REQUEST_METHOD");
        using var client = await _server.ConnectAsync();
        await client.SendAsync("HEAD /cgi-bin/head HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("HEAD", (await client.ReadResponseAsync(isHead: true))["X-Method"]);
        await client.SendAsync("GET /page.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("page", (await client.ReadResponseAsync()).Text);
    }
}
