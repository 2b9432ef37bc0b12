using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.LiveReload;

/// <summary>What live reload adds to pages, and to what it adds nothing.</summary>
public sealed class LiveReloadRequestTests : IDisposable
{
    private const string Element = "<script src=\"/.well-known/httpserver/live-reload.js\" async></script>\n";
    private static readonly TimeSpan Old = TimeSpan.FromHours(1);
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("<p>a</p></body></html>", "<p>a</p>", "</body></html>")]
    [InlineData("<p>a</BODY\n></html>", "<p>a", "</BODY\n></html>")]
    [InlineData("<pre></body></pre><p>b</body>", "<pre></body></pre><p>b", "</body>")]
    [InlineData("<p>no end", "<p>no end", "")]
    [InlineData("", "", "")]
    [InlineData("ä", "ä", "")]
    [InlineData("x", "x", "")]
    public async Task A_script_stands_before_the_end_of_the_body_or_at_the_end(string page, string before, string after)
    {
        // From memory, and from the file.
        _directory.Write("old.html", page, Old);
        _directory.Write("new.html", page);
        await using var server = Serve();
        foreach (var target in new[] { "/old.html", "/old.html", "/new.html" })
            Assert.Equal(before + Element + after, (await server.GetAsync(target)).Text);
    }

    [Theory]
    [InlineData("utf-16", "")]
    [InlineData("utf-16BE", "")]
    [InlineData("utf-16", "text/html; charset=utf-16")]
    [InlineData("utf-16BE", "text/html; charset=UTF-16BE")]
    [InlineData("iso-8859-1", "text/html; charset=iso-8859-1")]
    public async Task A_script_is_written_in_the_encoding_of_the_page(string name, string type)
    {
        var encoding = Encoding.GetEncoding(name);
        // A type that names the encoding needs no mark in the file.
        byte[] mark = type == "" ? encoding.GetPreamble() : [];
        var path = _directory.Write("a.html", "");
        await File.WriteAllBytesAsync(path, [.. mark, .. encoding.GetBytes("<p>\u00e4</body>")], TestContext.Current.CancellationToken);
        await using var server = Serve(handler => handler.ExtensionsMap = type == "" ? handler.ExtensionsMap : new Dictionary<string, string> { [".html"] = type });
        Assert.Equal(new string('\uFEFF', mark.Length / 2) + $"<p>\u00e4{Element}</body>", encoding.GetString((await server.GetAsync("/a.html")).Body));
    }

    [Fact]
    public async Task A_large_page_is_sent_with_it_as_it_lies_on_the_disk()
    {
        var text = string.Concat(Enumerable.Repeat("<p>some text</body></p>\n", 200_000));
        _directory.Write("large.html", text + "</body>" + new string(' ', 10_000));
        _directory.Write("far.html", text + "</body>" + new string(' ', 100_000));
        await using var server = Serve();
        Assert.Equal(text + Element + "</body>" + new string(' ', 10_000), (await server.GetAsync("/large.html")).Text);
        // So far from its end nobody looks: a browser takes it there too.
        Assert.Equal(text + "</body>" + new string(' ', 100_000) + Element, (await server.GetAsync("/far.html")).Text);
    }

    [Fact]
    public async Task Other_files_stay_what_they_are()
    {
        _directory.Write("a.txt", "<body></body>");
        _directory.Write("a.svg", "<svg/>");
        _directory.Write("a.xhtml", "<html/>");
        await using var server = Serve();
        foreach (var (name, text) in new[] { ("a.txt", "<body></body>"), ("a.svg", "<svg/>"), ("a.xhtml", "<html/>") })
        {
            var answer = await server.GetAsync("/" + name);
            Assert.Equal((text, "bytes"), (answer.Text, answer["Accept-Ranges"]));
        }
    }

    [Fact]
    public async Task HEAD_tells_what_GET_sends()
    {
        _directory.Write("a.html", "<body></body>", Old);
        await using var server = Serve();
        await server.StrongTagAsync("/a.html");
        var get = await server.GetAsync("/a.html");
        var head = await server.SendAsync("HEAD /a.html HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(get.Headers.Where(header => header.Key != "Date"), head.Headers.Where(header => header.Key != "Date"));
        Assert.Equal(13 + Element.Length, get.Body.Length);
    }

    [Fact]
    public async Task The_validator_is_another_one_than_that_of_the_file()
    {
        _directory.Write("a.html", "<body></body>", Old);
        await using var plain = RunningServer.OfDirectory(_directory.Path);
        await using var server = Serve();
        var other = await plain.StrongTagAsync("/a.html");
        var tag = await server.StrongTagAsync("/a.html");
        Assert.NotEqual(other, tag);
        Assert.Equal(304, (await server.GetAsync("/a.html", $"If-None-Match: {tag}\r\n")).Status);
        Assert.Equal(200, (await server.GetAsync("/a.html", $"If-None-Match: {other}\r\n")).Status);
        Assert.Equal(412, (await server.GetAsync("/a.html", $"If-Match: {other}\r\n")).Status);
    }

    [Fact]
    public async Task There_are_no_ranges_of_a_page()
    {
        _directory.Write("a.html", "<body></body>", Old);
        await using var server = Serve();
        foreach (var range in new[] { "bytes=0-3", "bytes=0-1,3-4", "bytes=1000-" })
        {
            var answer = await server.GetAsync("/a.html", $"Range: {range}\r\n");
            Assert.Equal((200, null, 13 + Element.Length), (answer.Status, answer["Accept-Ranges"], answer.Body.Length));
        }
    }

    [Fact]
    public async Task A_page_is_not_compressed_and_what_it_loads_is()
    {
        var page = string.Concat(Enumerable.Repeat("<p>text</p>", 1000)) + "</body>";
        _directory.Write("a.html", page, Old);
        _directory.Write("a.html.gz", "without the script", Old);
        _directory.Write("a.css", new string(' ', 5000), Old);
        await using var server = Serve();
        for (var round = 0; round < 2; round++)
        {
            var answer = await server.GetAsync("/a.html", "Accept-Encoding: gzip, br\r\n");
            Assert.Equal((200, null, page.Length + Element.Length), (answer.Status, answer["Content-Encoding"], answer.Body.Length));
            Assert.Null((await server.GetAsync("/", "Accept-Encoding: gzip, br\r\n"))["Content-Encoding"]);
            Assert.NotNull((await server.GetAsync("/a.css", "Accept-Encoding: gzip, br\r\n"))["Content-Encoding"]);
        }
    }

    [Fact]
    public async Task Pages_in_the_place_of_others_have_it_too()
    {
        _directory.Write("app.html", "<p>app</body>", Old);
        _directory.Write("404.html", "<p>nothing</body>", Old);
        _directory.Write("docs/index.html", "<p>docs</body>", Old);
        _directory.Write("about.html", "<p>about</body>", Old);
        await using var server = Serve(handler => (handler.FallbackPage, handler.CleanUrls) = ("app.html", true));
        Assert.Equal($"<p>app{Element}</body>", (await server.GetAsync("/users")).Text);
        Assert.Equal($"<p>docs{Element}</body>", (await server.GetAsync("/docs/")).Text);
        Assert.Equal($"<p>about{Element}</body>", (await server.GetAsync("/about")).Text);
        var missing = await server.GetAsync("/missing.js");
        Assert.Equal((404, $"<p>nothing{Element}</body>"), (missing.Status, missing.Text));
    }

    [Fact]
    public async Task Listings_and_error_pages_have_it_and_allow_it()
    {
        _directory.Write("folder/a.txt", "a", Old);
        await using var server = Serve();
        foreach (var (target, status) in new[] { ("/folder/", 200), ("/missing", 404), ("/%00", 400) })
        {
            var answer = await server.GetAsync(target);
            Assert.Equal(status, answer.Status);
            Assert.Equal(1, answer.Text.Split(Element).Length - 1);
            Assert.Matches("(^|; )script-src [^;]*'self'", answer["Content-Security-Policy"]);
            Assert.Matches("(^|; )connect-src [^;]*'self'", answer["Content-Security-Policy"]);
            Assert.StartsWith("default-src 'none'; ", answer["Content-Security-Policy"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_it_nothing_is_different()
    {
        _directory.Write("a.html", "<body></body>", Old);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("<body></body>", (await server.GetAsync("/a.html")).Text);
        Assert.DoesNotContain("live-reload", (await server.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("'self'", (await server.GetAsync("/missing"))["Content-Security-Policy"] ?? "", StringComparison.Ordinal);
        Assert.Equal(404, (await server.GetAsync("/.well-known/httpserver/live-reload")).Status);
        Assert.Equal(404, (await server.GetAsync("/.well-known/httpserver/live-reload.js")).Status);
    }

    [Fact]
    public async Task Nothing_is_kept_without_asking()
    {
        _directory.Write("a.css", "p {}", Old);
        _directory.Write("a.min.js", "1", Old);
        await using var server = Serve(handler => (handler.CacheControl, handler.ImmutableFiles) = ("public, max-age=3600", ["*.min.js"]));
        Assert.Equal("no-cache", (await server.GetAsync("/a.css"))["Cache-Control"]);
        Assert.Equal("no-cache", (await server.GetAsync("/a.min.js"))["Cache-Control"]);
    }

    [Theory]
    [InlineData("/.well-known/httpserver/live-reload.js")]
    [InlineData("/x/../.well-known/httpserver/live-reload.js")]
    [InlineData("//.well-known/http%73erver/live-reload.js?x=1")]
    public async Task The_script_comes_from_the_server_itself(string target)
    {
        await using var server = Serve(handler => handler.HideDotfiles = true);
        var answer = await server.GetAsync(target);
        Assert.Equal((200, "text/javascript; charset=utf-8", "no-cache", "nosniff"), (answer.Status, answer["Content-Type"], answer["Cache-Control"], answer["X-Content-Type-Options"]));
        Assert.Contains("EventSource", answer.Text, StringComparison.Ordinal);
        var head = await server.SendAsync($"HEAD {target} HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(answer["Content-Length"], head["Content-Length"]);
    }

    [Theory]
    [InlineData("/.well-known/httpserver/live-reload/")]
    [InlineData("/.well-known/httpserver/live-reload.js/")]
    [InlineData("/.well-known/httpserver/")]
    [InlineData("/.well-known/httpserver/live-reload2")]
    public async Task What_lies_beside_its_paths_is_not_its_own(string target)
    {
        await using var server = Serve();
        Assert.Equal(404, (await server.GetAsync(target)).Status);
    }

    [Fact]
    public async Task It_needs_the_password_as_everything_does()
    {
        var users = BasicAuthentication.FromHashes([new("anna", "$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE")]);
        await using var server = Serve(handler => handler.Authentication = users);
        foreach (var target in new[] { "/", "/.well-known/httpserver/live-reload", "/.well-known/httpserver/live-reload.js" })
        {
            var answer = await server.GetAsync(target);
            Assert.Equal(401, answer.Status);
            Assert.DoesNotContain("<script", answer.Text, StringComparison.Ordinal);
        }
    }

    private RunningServer Serve(Action<SimpleHttpRequestHandler>? configure = null) => RunningServer.OfDirectory(_directory.Path, handler =>
    {
        handler.LiveReload = true;
        configure?.Invoke(handler);
    });
}
