using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Fallbacks, caching, and other origins' access.</summary>
public sealed class SiteOptionTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public SiteOptionTests()
    {
        _directory.Write("index.html", "app");
        _directory.Write("about.html", "about");
        _directory.Write("docs/index.html", "docs");
        _directory.Write("docs/a b.html", "a b");
        _directory.Write("app.min.js", "code");
        _directory.Write("file.txt", "text");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/users/42", 200, "app")]
    [InlineData("/users/42/", 200, "app")]
    [InlineData("/users?x=1", 200, "app")]
    [InlineData("/missing.js", 404, null)]
    [InlineData("/v1.2", 404, null)]
    [InlineData("/file.txt", 200, "text")]
    [InlineData("/docs/", 200, "docs")]
    [InlineData("/docs", 301, "")]
    [InlineData("/%2e%2e/x", 400, null)]
    public async Task A_single_page_application_answers_where_nothing_lies(string target, int status, string? text)
    {
        await using var server = Serve(handler => handler.FallbackPage = "index.html");
        for (var round = 0; round < 2; round++)
        {
            var answer = await server.GetAsync(target);
            Assert.Equal(status, answer.Status);
            if (text is not null)
                Assert.Equal(text, answer.Text);
        }
    }

    [Fact]
    public async Task A_page_that_appears_takes_the_place_of_the_fallback()
    {
        await using var server = Serve(handler => handler.FallbackPage = "index.html");
        Assert.Equal("app", (await server.GetAsync("/later")).Text);
        _directory.Write("later", "here");
        Assert.Equal("here", (await server.GetAsync("/later")).Text);
    }

    [Fact]
    public async Task A_fallback_has_validators_and_a_head()
    {
        await using var server = Serve(handler => handler.FallbackPage = "index.html");
        await server.StrongTagAsync("/deep/link");
        var answer = await server.GetAsync("/deep/link");
        Assert.Equal("text/html; charset=utf-8", answer["Content-Type"]);
        Assert.Equal(304, (await server.GetAsync("/deep/link", $"If-None-Match: {answer["ETag"]}\r\n")).Status);
        Assert.Equal("3", (await server.SendAsync("HEAD /deep/link HTTP/1.1\r\nHost: test\r\n\r\n"))["Content-Length"]);
    }

    [Fact]
    public async Task Without_a_fallback_nothing_is_found()
    {
        await using var server = Serve();
        Assert.Equal(404, (await server.GetAsync("/users/42")).Status);
        Assert.Equal(404, (await server.GetAsync("/about")).Status);
    }

    [Theory]
    [InlineData("/about", 200, "about", null)]
    [InlineData("/docs/a%20b?x=1", 200, "a b", null)]
    [InlineData("/about.html", 200, "about", null)]
    [InlineData("/about/", 301, "", "/about")]
    [InlineData("/docs/a%20b/?x=1", 301, "", "/docs/a%20b?x=1")]
    [InlineData("/docs", 301, "", "/docs/")]
    [InlineData("/nothing", 404, null, null)]
    [InlineData("/nothing/", 404, null, null)]
    public async Task Clean_URLs_find_pages_without_their_extension(string target, int status, string? text, string? location)
    {
        await using var server = Serve(static handler => handler.CleanUrls = true);
        var answer = await server.GetAsync(target);
        Assert.Equal((status, location), (answer.Status, answer["Location"]));
        if (text is not null)
            Assert.Equal(text, answer.Text);
    }

    [Fact]
    public async Task Hidden_names_stay_hidden_under_clean_URLs()
    {
        _directory.Write(".secret.html", "secret");
        await using var server = Serve(static handler => (handler.CleanUrls, handler.HideDotfiles) = (true, true));
        Assert.Equal(404, (await server.GetAsync("/.secret")).Status);
    }

    [Fact]
    public async Task A_page_of_its_own_is_sent_where_nothing_lies()
    {
        _directory.Write("404.html", "<p>nothing here</p>");
        await using var server = Serve();
        var answer = await server.GetAsync("/nothing", "Range: bytes=0-1\r\n");
        Assert.Equal((404, "<p>nothing here</p>", "text/html; charset=utf-8", null), (answer.Status, answer.Text, answer["Content-Type"], answer["ETag"]));
        var head = await server.SendAsync("HEAD /nothing HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal((404, "19"), (head.Status, head["Content-Length"]));
        await using var plain = Serve(static handler => handler.NotFoundPage = null);
        Assert.Contains("File not found", (await plain.GetAsync("/nothing")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_may_be_kept_as_long_as_the_settings_say()
    {
        await using var server = Serve(static handler => (handler.CacheControl, handler.ImmutableFiles) = ("public, max-age=60", ["*.min.*"]));
        Assert.Equal("public, max-age=60", (await server.GetAsync("/file.txt"))["Cache-Control"]);
        await server.StrongTagAsync("/app.min.js");
        var code = await server.GetAsync("/app.min.js");
        Assert.Equal("public, max-age=31536000, immutable", code["Cache-Control"]);
        Assert.Equal(code["Cache-Control"], (await server.GetAsync("/app.min.js", $"If-None-Match: {code["ETag"]}\r\n"))["Cache-Control"]);
        Assert.Equal("no-cache", (await server.GetAsync("/docs"))["Cache-Control"]);
        await using var plain = Serve(static handler => handler.CacheControl = "");
        Assert.Null((await plain.GetAsync("/file.txt"))["Cache-Control"]);
    }

    [Fact]
    public async Task Every_origin_may_read_if_all_may()
    {
        await using var server = Serve(static handler => handler.CorsOrigins = ["*"]);
        Assert.Equal("*", (await server.GetAsync("/file.txt"))["Access-Control-Allow-Origin"]);
        Assert.Equal("*", (await server.GetAsync("/nothing.txt"))["Access-Control-Allow-Origin"]);
    }

    [Theory]
    [InlineData("https://app.example", "https://app.example")]
    [InlineData("https://evil.example", null)]
    [InlineData(null, null)]
    public async Task Only_the_origins_that_are_named_may_read(string? origin, string? allowed)
    {
        await using var server = Serve(static handler => handler.CorsOrigins = ["https://app.example", "http://localhost:3000"]);
        var answer = await server.GetAsync("/file.txt", origin is null ? "" : $"Origin: {origin}\r\n");
        Assert.Equal((200, allowed, "Origin"), (answer.Status, answer["Access-Control-Allow-Origin"], answer["Vary"]));
    }

    [Fact]
    public async Task A_preflight_is_answered_with_the_methods_and_the_headers_that_are_wanted()
    {
        await using var server = Serve(static handler => handler.CorsOrigins = ["*"]);
        var answer = await server.SendAsync(
            "OPTIONS /file.txt HTTP/1.1\r\nHost: test\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n"
            + "Access-Control-Request-Headers: x-one, X-Two\r\n\r\n");
        Assert.Equal((204, "GET, HEAD, OPTIONS", "x-one, X-Two"), (answer.Status, answer["Access-Control-Allow-Methods"], answer["Access-Control-Allow-Headers"]));
        Assert.NotNull(answer["Access-Control-Max-Age"]);
        var hostile = await server.SendAsync(
            "OPTIONS /file.txt HTTP/1.1\r\nHost: test\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n"
            + "Access-Control-Request-Headers: x-one, <script>\r\n\r\n");
        Assert.Equal((204, null), (hostile.Status, hostile["Access-Control-Allow-Headers"]));
    }

    [Fact]
    public async Task Without_origins_nothing_is_said_of_them()
    {
        await using var server = Serve();
        Assert.Null((await server.GetAsync("/file.txt", "Origin: https://a.example\r\n"))["Access-Control-Allow-Origin"]);
        var options = await server.SendAsync("OPTIONS / HTTP/1.1\r\nHost: test\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n\r\n");
        Assert.Equal((204, null, "GET, HEAD, OPTIONS"), (options.Status, options["Access-Control-Allow-Methods"], options["Allow"]));
    }

    private RunningServer Serve(Action<SimpleHttpRequestHandler>? configure = null) => RunningServer.OfDirectory(_directory.Path, configure);
}
