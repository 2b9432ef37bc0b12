using Http.Server.Tests.Support;
using static Http.Server.Tests.Support.UploadSite;

namespace Http.Server.Tests.Uploads;

public sealed class UploadTests : IAsyncDisposable
{
    private readonly UploadSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Nothing_is_taken_in_unless_it_is_allowed()
    {
        await using var server = RunningServer.OfDirectory(_site.Root);
        Assert.Equal(501, (await server.SendAsync(Put("/a", "a"))).Status);
        Assert.Equal(501, (await server.SendAsync(Post("/", ("name=f; filename=a", "a")))).Status);
        Assert.Equal("GET, HEAD, OPTIONS", (await server.SendAsync("OPTIONS / HTTP/1.1\r\nHost: test\r\n\r\n"))["Allow"]);
        Assert.Equal(["sub"], _site.Entries);
    }

    [Fact]
    public async Task A_file_is_stored_and_told_where_and_the_connection_is_kept()
    {
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync(Put("/sub/a%20b.txt?x=y", "content") + "GET /sub/a%20b.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        var put = await client.ReadResponseAsync();
        Assert.Equal((201, "/sub/a%20b.txt", "0", null), (put.Status, put["Location"], put["Content-Length"], put["Connection"]));
        var get = await client.ReadResponseAsync();
        Assert.Equal((200, "content"), (get.Status, get.Text));
        if (OperatingSystem.IsLinux())
            Assert.Equal(get["ETag"], put["ETag"]);
        Assert.Equal(["sub", "sub/a b.txt"], _site.Entries);
        await server.Log.WaitForAsync(log => log.Requests.Count == 2);
        Assert.Contains(("PUT /sub/a%20b.txt?x=y HTTP/1.1", 201, 0L, "127.0.0.1"), server.Log.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1", "Content-Length: 0\r\n\r\n", "")]
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n", "abcde")]
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "")]
    [InlineData("HTTP/1.0", "Content-Length: 3\r\n\r\nabc", "abc")]
    public async Task Every_framing_of_a_body_is_taken(string version, string rest, string content)
    {
        Assert.Equal(201, (await _site.Serve().SendAsync($"PUT /a {version}\r\nHost: test\r\n{rest}")).Status);
        Assert.Equal(content, _site.Read("a"));
    }

    [Theory]
    [InlineData("/a", "", 411)]
    [InlineData("/a", "Content-Length: 1\r\nContent-Range: bytes 0-0/9\r\n", 400)]
    [InlineData("/a", "Content-Length: 1\r\nContent-Encoding: gzip\r\n", 415)]
    [InlineData("/", "Content-Length: 1\r\n", 409)]
    [InlineData("/sub", "Content-Length: 1\r\n", 409)]
    [InlineData("/sub/", "Content-Length: 1\r\n", 409)]
    [InlineData("/new/", "Content-Length: 1\r\n", 409)]
    [InlineData("/new/a", "Content-Length: 1\r\n", 409)]
    [InlineData("/old.txt/a", "Content-Length: 1\r\n", 409)]
    [InlineData("/old.txt", "Content-Length: 1\r\n", 409)]
    [InlineData("/a", "Content-Length: 1\r\nIf-Match: *\r\n", 412)]
    [InlineData("/a", "Content-Length: 1\r\nIf-Match: \"x\"\r\n", 412)]
    [InlineData("/old.txt", "Content-Length: 1\r\nIf-None-Match: *\r\n", 412)]
    [InlineData("/a", "Content-Length: 2000\r\n", 413)]
    [InlineData("/a", "Content-Length: 1\r\nOrigin: http://evil.example\r\n", 403)]
    public async Task What_cannot_be_stored_is_refused_before_the_body_is_sent(string target, string headers, int status)
    {
        _site.Write("old.txt", "old");
        var server = _site.Serve(options: new() { MaxRequestBodySize = 1000 });
        using var client = await server.ConnectAsync();
        await client.SendAsync($"PUT {target} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n{headers}\r\n");
        var response = await client.ReadResponseAsync();
        // Without a body there is nothing that might still come.
        Assert.Equal((status, status == 411 ? null : "close"), (response.Status, response["Connection"]));
        Assert.True(status == 411 || await client.IsEndedAsync());
        Assert.Equal(["old.txt", "sub"], _site.Entries);
        Assert.Equal("old", _site.Read("old.txt"));
    }

    [Fact]
    public async Task The_body_is_asked_for_when_it_can_be_stored()
    {
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync("PUT /a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        await client.SendAsync("abc");
        Assert.Equal(201, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Another_file_is_replaced_only_where_that_is_allowed()
    {
        foreach (var name in new[] { "a.txt", "index.html", "404.html" })
        {
            CgiSite.Open(_site.Write(name, "old"));
            Assert.Equal(409, (await _site.Serve().SendAsync(Put("/" + name, "new"))).Status);
            Assert.Equal("old", _site.Read(name));
            var server = _site.Serve(handler => handler.AllowOverwrite = true);
            Assert.Equal("old", (await server.GetAsync("/" + name)).Text);
            var response = await server.SendAsync(Put("/" + name, "new"));
            Assert.Equal((204, null), (response.Status, response["Location"]));
            Assert.Equal("new", (await server.GetAsync("/" + name)).Text);
            Assert.Equal(default, _site.ModeOf(name) & UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task The_compressed_form_of_a_file_that_is_there_counts_as_overwriting_it()
    {
        _site.Write("app.js", "old");
        var server = _site.Serve();
        foreach (var name in new[] { "app.js.gz", "app.js.br", "app.js.zst" })
        {
            Assert.Equal(409, (await server.SendAsync(Put("/" + name, "new"))).Status);
            Assert.Equal(409, (await server.SendAsync(Post("/", ($"name=f; filename={name}", "new")))).Status);
        }

        Assert.Equal(["app.js", "sub"], _site.Entries);
        Assert.Equal(201, (await server.SendAsync(Put("/other.js.gz", "new"))).Status);
        Assert.Equal(201, (await _site.Serve(handler => handler.AllowOverwrite = true).SendAsync(Put("/app.js.gz", "new"))).Status);
        Assert.Equal(201, (await _site.Serve(handler => handler.Compression = CompressionPolicy.Off).SendAsync(Put("/app.js.br", "new"))).Status);
    }

    [Fact]
    public async Task Conditions_hold_or_nothing_is_replaced()
    {
        _site.Write("a.txt", "old");
        var server = _site.Serve(handler => handler.AllowOverwrite = true);
        var etag = await server.StrongTagAsync("/a.txt");
        foreach (var condition in new[] { "If-Match: \"other\"", $"If-Match: W/{etag}", "If-None-Match: *", $"If-None-Match: {etag}", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT" })
        {
            Assert.Equal((condition, 412), (condition, (await server.SendAsync(Put("/a.txt", "new", condition + "\r\n"))).Status));
            Assert.Equal("old", _site.Read("a.txt"));
        }

        var replaced = await server.SendAsync(Put("/a.txt", "new", $"If-Match: {etag}\r\n"));
        Assert.Equal(204, replaced.Status);
        Assert.Equal("new", _site.Read("a.txt"));
        Assert.Equal(412, (await server.SendAsync(Put("/a.txt", "newer", $"If-Match: {etag}\r\n"))).Status);
        Assert.Equal(204, (await server.SendAsync(Put("/a.txt", "newer", $"If-Match: {await server.StrongTagAsync("/a.txt")}\r\n"))).Status);
        Assert.Equal(201, (await server.SendAsync(Put("/b.txt", "b", "If-None-Match: *\r\n"))).Status);
    }

    [Fact]
    public async Task A_stored_file_is_run_by_nobody_and_else_as_the_umask_says()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        Assert.Equal(201, (await _site.Serve().SendAsync(Put("/a.sh", "#!/bin/sh"))).Status);
        _site.Write("usual", "");
        Assert.Equal(_site.ModeOf("usual"), _site.ModeOf("a.sh"));
        Assert.Equal(default, _site.ModeOf("a.sh") & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
    }

    [Theory]
    [InlineData("", 201)]
    [InlineData("Origin: http://test\r\n", 201)]
    [InlineData("Origin: https://test\r\n", 201)]
    [InlineData("Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n", 201)]
    [InlineData("Sec-Fetch-Site: none\r\n", 201)]
    [InlineData("Origin: https://named.example\r\n", 201)]
    [InlineData("Sec-Fetch-Site: cross-site\r\nOrigin: https://named.example\r\n", 201)]
    [InlineData("Origin: https://evil.example\r\n", 403)]
    [InlineData("Origin: http://test:8000\r\n", 403)]
    [InlineData("Origin: null\r\n", 403)]
    [InlineData("Origin: *\r\n", 403)]
    [InlineData("Sec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("Sec-Fetch-Site: same-site\r\nOrigin: http://test\r\n", 403)]
    public async Task A_page_of_another_origin_uploads_only_if_it_is_named(string headers, int status)
    {
        var server = _site.Serve(static handler => handler.CorsOrigins = ["*", "https://named.example"]);
        Assert.Equal(status, (await server.SendAsync(Put("/a", "a", headers))).Status);
        Assert.Equal(status, (await server.SendAsync(Post("/", headers, ("name=f; filename=b", "b")))).Status);
        Assert.Equal(status == 201 ? ["a", "b", "sub"] : ["sub"], _site.Entries);
    }

    [Fact]
    public async Task The_methods_are_told_to_whom_they_are_for()
    {
        var server = _site.Serve(static handler => handler.CorsOrigins = ["*", "https://named.example"]);
        Assert.Equal("GET, HEAD, OPTIONS, POST, PUT", (await server.SendAsync("OPTIONS / HTTP/1.1\r\nHost: test\r\n\r\n"))["Allow"]);
        Assert.Equal("GET, HEAD, OPTIONS, POST, PUT", await PreflightAsync("https://named.example"));
        Assert.Equal("GET, HEAD, OPTIONS", await PreflightAsync("https://evil.example"));

        async Task<string?> PreflightAsync(string origin) => (await server.SendAsync(
            $"OPTIONS /a HTTP/1.1\r\nHost: test\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: PUT\r\n\r\n"))["Access-Control-Allow-Methods"];
    }

    [Fact]
    public async Task Who_must_log_in_must_do_so_first()
    {
        var server = _site.Serve(static handler => handler.Authentication = BasicAuthentication.FromPasswords(new Dictionary<string, string> { ["anna"] = "secret" }));
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT /a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        Assert.Equal(401, (await client.ReadResponseAsync()).Status);
        Assert.Equal(201, (await server.SendAsync(Put("/a", "a", "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"))).Status);
    }

    [Fact]
    public async Task Files_come_by_HTTPS_as_well()
    {
        var server = _site.Serve(certificate: ServerCertificate.SelfSigned());
        Assert.Equal(201, (await server.SendAsync(Put("/a", new string('x', 300_000), "Origin: https://test\r\n"))).Status);
        Assert.Equal(300_000, new FileInfo(_site.PathOf("a")).Length);
        Assert.Equal(403, (await server.SendAsync(Put("/b", "b", "Origin: http://test\r\n"))).Status);
    }

    [Fact]
    public async Task A_class_answers_its_own_way_first()
    {
        var server = _site.Serve<OwnHandler>();
        Assert.Equal("own", (await server.SendAsync(Put("/a", "a"))).Text);
        Assert.Equal(201, (await server.SendAsync(Post("/", ("name=f; filename=b", "b")))).Status);
        Assert.Equal(["b", "sub"], _site.Entries);
    }

    [Fact]
    public async Task A_class_that_maps_paths_has_files_where_it_maps_them_to_but_not_outside()
    {
        var server = _site.Serve<MappingHandler>();
        Assert.Equal(201, (await server.SendAsync(Put("/up/a", "a"))).Status);
        Assert.Equal(201, (await server.SendAsync(Post("/up/", ("name=f; filename=b", "b")))).Status);
        Assert.Equal(["sub", "sub/a", "sub/b"], _site.Entries);
        Assert.Equal("a", (await server.GetAsync("/up/a")).Text);
        Assert.Equal(403, (await server.SendAsync(Put("/out/a", "a"))).Status);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_site.Home, "outside")));
    }

    private sealed class OwnHandler : SimpleHttpRequestHandler
    {
        public void DoPut() => SendText("own");
    }

    private sealed class MappingHandler : SimpleHttpRequestHandler
    {
        protected override string? TranslatePath(string path) => base.TranslatePath(path) is not { } full
            ? null
            : full.Replace(System.IO.Path.Combine(Directory, "up"), System.IO.Path.Combine(Directory, "sub"), StringComparison.Ordinal)
                .Replace(System.IO.Path.Combine(Directory, "out"), System.IO.Path.Combine(Directory, "..", "outside"), StringComparison.Ordinal);
    }
}
