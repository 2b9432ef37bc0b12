using System.IO.Compression;
using System.Text;
using Http.Server.Authentication;
using Http.Server.Authentication.Rules;
using Http.Server.Protocol;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Authentication.Rules;

/// <summary>What rules of paths let through, whatever a path is written like and whatever stands for it.</summary>
public sealed class AccessRulesTests : IDisposable
{
    private const string Secret = "SECRET-CONTENT";
    private const string Anna = "Authorization: Basic YW5uYTpnZWhlaW0=\r\n";
    private const string Otto = "Authorization: Basic b3R0bzpnZWhlaW0=\r\n";

    private static readonly string Hash = PasswordHash.Make("geheim", PasswordHash.MinIterations).ToString();

    private readonly TempDirectory _site = new();
    private readonly TempDirectory _home = new();

    public AccessRulesTests()
    {
        foreach (var name in (string[])["secret/plans-x.txt", "secret/deep/plans-y.txt", "app-x.js", "hidden-x.html", "dir/index.html", "404-x.html", "spa-x.html"])
            _site.Write(name, Secret);
        foreach (var name in (string[])["open.txt", "dir/open.txt", "in/old.txt"])
            _site.Write(name, "open");
        using var file = File.Create(Path.Combine(_site.Path, "app-x.js.gz"));
        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        gzip.Write(Encoding.ASCII.GetBytes(Secret));
    }

    public static TheoryData<string> Spellings =>
    [
        "/secret/plans-x.txt", "//secret/plans-x.txt", "///secret/plans-x.txt", "/secret//plans-x.txt", "/./secret/plans-x.txt", "/secret/./plans-x.txt",
        "/x/../secret/plans-x.txt", "/secret/../secret/plans-x.txt", "/secret/deep/../plans-x.txt", "/secret/deep/%2e%2e/plans-x.txt", "/x/%2E./secret/plans-x.txt",
        "/%73ecret/plans-x.txt", "/secret/%70lans-x.txt", "/%73%65%63%72%65%74/%70%6c%61%6e%73%2d%78%2e%74%78%74", "/secret%2Fplans-x.txt", "/secret%2fplans-x.txt",
        "/%2Fsecret/plans-x.txt", "/secret/%2Fplans-x.txt", "/%2e/secret/plans-x.txt", "/secret/%2e/plans-x.txt", "/open.txt/../secret/plans-x.txt", "/secret/plans-x.txt?a=b",
        "/secret/plans-x.txt/", "/secret/plans-x.txt/.", "/secret/plans-x.txt%00", "/secret/plans-x.txt%20", "/secret/plans-x.txt.", "/secret/plans-x.txt;x", "/secret%5Cplans-x.txt",
        "/secret\\plans-x.txt", "/SECRET/plans-x.txt", "/Secret/Plans-X.txt", "/secret/plans-x.txt%2F", "/secret/plans-x.txt%2f.", "http://test/secret/plans-x.txt",
        "http://test//secret/plans-x.txt", "http://other/secret/../secret/plans-x.txt", "/secret/plans-x.txt.gz", "/secret/plans-x.txt.br", "/secret", "/secret/", "/secret/.", "/secret/?format=json",
        "/secret?format=text", "/secret/?archive=zip", "/secret/?archive=tar", "/secret/deep/", "/secret/deep", "/secret/deep/plans-y.txt", "/secret/deep/%70lans-y.txt", "/app-x.js", "/app-x.js.gz",
        "/app-x%2ejs.gz", "/APP-X.JS", "/app-x.js.gz?x", "/hidden-x", "/hidden-x.html", "/hidden-x/", "/HIDDEN-X", "/dir/index.html", "/dir/%69ndex.html", "/404-x.html", "/spa-x.html", "/spa-x",
        "/%c0%afsecret/plans-x.txt", "/secret%c0%afplans-x.txt", "*", "/%zz/secret/plans-x.txt", "/../secret/plans-x.txt",
    ];

    public static TheoryData<string> Around =>
        ["/", "/?format=json", "/?format=text", "/?sort=size", "/?archive=zip", "/?archive=tar", "/dir/", "/dir", "/dir/?archive=tar", "/dir/?format=json", "/none", "/none.txt", "/spa/route", "/dir/none"];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task No_spelling_shows_what_is_not_allowed(string target)
    {
        await using var server = Serve();
        foreach (var headers in (string[])["", "Range: bytes=0-\r\n", "Accept-Encoding: gzip, br, zstd\r\n", "If-None-Match: \"x\"\r\n", "Accept: application/json\r\n", Otto])
        {
            // What is in memory by the request of one who may is not given to another.
            await server.GetAsync(target, Anna);
            var answer = await server.GetAsync(target, headers);
            Assert.InRange(answer.Status, 300, 499);
            Assert.NotEqual(304, answer.Status);
            AssertHidden(answer);
        }

        // What the methods of files are is told alike of what is there and what is not.
        var options = await server.SendAsync($"OPTIONS {target} HTTP/1.1\r\nHost: test\r\n\r\n");
        var none = await server.SendAsync("OPTIONS /none HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.True(options.Status is >= 400 and < 500 || options["Allow"] == none["Allow"]);
        foreach (var method in (string[])["HEAD", "PUT", "POST", "DELETE", "PROPFIND"])
            Assert.False((await server.SendAsync($"{method} {target} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")).Status is >= 200 and < 300, method);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [MemberData(nameof(Around))]
    public async Task Listings_archives_and_pages_in_anothers_place_leave_it_out(string target)
    {
        await using var server = Serve();
        var full = await server.GetAsync(target, Anna);
        foreach (var headers in (string[])["", Otto, "Accept: application/json\r\n", "Accept-Encoding: gzip\r\n"])
        {
            var answer = await server.GetAsync(target, headers);
            AssertHidden(answer);
            if (target.StartsWith("/?", StringComparison.Ordinal) && headers.Length == 0)
                Assert.Contains("open.txt", Encoding.Latin1.GetString(answer.Body));
        }

        if (target.Contains("format", StringComparison.Ordinal) && target.StartsWith("/?", StringComparison.Ordinal))
            Assert.Contains("secret", Encoding.Latin1.GetString(full.Body));
    }

    [Theory]
    [InlineData("/secret/plans-x.txt")]
    [InlineData("/secret%2Fplans-x.txt")]
    [InlineData("/secret/deep/../plans-x.txt")]
    [InlineData("/app-x.js")]
    [InlineData("/hidden-x")]
    [InlineData("/dir/")]
    [InlineData("/spa/route")]
    public async Task Who_may_gets_it(string target)
    {
        await using var server = Serve();
        Assert.Contains(Secret, (await server.GetAsync(target, Anna)).Text);
    }

    [Fact]
    public async Task Statuses_tell_who_has_to_log_in_and_who_may_not()
    {
        await using var server = Serve();
        foreach (var (method, target, headers, status) in new[]
        {
            ("GET", "/open.txt", "", 200), ("GET", "/open.txt", Otto, 200), ("GET", "/open.txt", "Authorization: Basic eDp5\r\n", 401),
            ("GET", "/secret/plans-x.txt", "", 401), ("GET", "/secret/plans-x.txt", Otto, 403), ("GET", "/secret/plans-x.txt", Anna, 200), ("GET", "/secret/none", Otto, 403),
            ("PUT", "/new.txt", "", 401), ("PUT", "/new.txt", Anna, 403), ("PUT", "/in/new.txt", "", 401), ("PUT", "/in/new.txt", Otto, 201), ("GET", "/in/old.txt", Otto, 403),
            ("PUT", "/in/closed.txt", Otto, 403), ("PUT", "/in/closed.txt.gz", Otto, 403), ("PUT", "/in/%63losed.txt", Otto, 403), ("GET", "/logs/x", Otto, 403), ("GET", "/logs/x.txt", Anna, 404),
        })
        {
            var answer = await server.SendAsync($"{method} {target} HTTP/1.1\r\nHost: test\r\n{headers}{(method == "PUT" ? "Content-Length: 1\r\n\r\nx" : "\r\n")}");
            Assert.Equal((method, target, headers, status), (method, target, headers, answer.Status));
        }
    }

    [Theory]
    [InlineData("fine.txt", 303)]
    [InlineData("closed.txt", 403)]
    [InlineData("closed.txt.gz", 403)]
    public async Task Each_file_of_a_form_is_checked(string name, int status)
    {
        await using var server = Serve();
        var body = $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\nx\r\n--b--\r\n";
        var answer = await server.SendAsync($"POST /in/ HTTP/1.1\r\nHost: test\r\n{Otto}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal(status == 403, answer.Status == 403);
        Assert.Equal(status != 403, File.Exists(Path.Combine(_site.Path, "in", name)));
    }

    [Fact]
    public async Task A_program_cannot_send_a_request_to_what_its_user_may_not_read()
    {
        await using var site = new CgiSite();
        site.Script("go", "printf 'Location: /secret.txt\\n\\n'");
        site.Write("secret.txt", Secret);
        await using var server = site.Serve(handler => handler.Authentication = Users($"anna:{Hash} /secret.txt:r", "* /cgi-bin:rw"));
        var answer = await server.GetAsync("/cgi-bin/go");
        Assert.Equal(403, answer.Status);
        Assert.DoesNotContain(Secret, answer.Text);
        Assert.Equal(401, (await server.GetAsync("/secret.txt")).Status);
    }

    [Theory]
    [InlineData("/", "anna", false, true)]
    [InlineData("/", null, false, true)]
    [InlineData("/", "anna", true, false)]
    [InlineData("/a", "anna", false, false)]
    [InlineData("/a", "otto", false, true)]
    [InlineData("/a", "otto", true, true)]
    [InlineData("/a/b/c", "anna", false, true)]
    [InlineData("/a/b/c", "otto", false, false)]
    [InlineData("/a/bc", "otto", false, true)]
    [InlineData("/ab", "anna", false, true)]
    [InlineData("/A/x", "anna", false, false)]
    [InlineData("/team/x", "eva", false, true)]
    [InlineData("/team/x", "otto", false, false)]
    [InlineData("/known", "otto", false, true)]
    [InlineData("/known", null, false, false)]
    public void The_deepest_path_wins(string path, string? user, bool writes, bool isAllowed)
    {
        var rules = RuleReader.Read(["* /:r", "otto /a:rw", "anna /a/b:r", "@ops /team:r", "@* /known:r"])!;
        UrlPath.TryParse(Encoding.ASCII.GetBytes(path), false, out var url);
        Assert.Equal(isAllowed, rules.Allows(user is null ? null : new HttpUser(user, user == "eva" ? ["ops"] : []), url, writes));
    }

    [Theory]
    [InlineData("anna:HASH /in")]
    [InlineData("anna:HASH in:rw")]
    [InlineData("anna:HASH /in:x")]
    [InlineData("anna:HASH /in:")]
    [InlineData("anna:HASH /a%2fb:r")]
    [InlineData("anna:HASH /../a:r")]
    [InlineData("anna:HASH /a?b:r")]
    [InlineData("anna:HASH\n@ops")]
    [InlineData("anna:HASH\n* /a")]
    [InlineData("anna:HASH\n@ /a:r")]
    public void A_wrong_line_is_told(string lines)
    {
        var path = _home.Write("users", lines.Replace("HASH", Hash));
        var message = Assert.Throws<ServerStartException>(() => BasicAuthentication.FromFile(path)).Message;
        Assert.Contains("Line ", message);
        Assert.DoesNotContain(Hash, message);
        Assert.Throws<ArgumentException>(() => new AccessPolicy { Rules = ["anna"] });
    }

    [Fact]
    public async Task Rules_of_a_policy_count_beside_those_of_a_file()
    {
        await using var server = new RunningServer(() => new SimpleHttpRequestHandler
        {
            Directory = _site.Path,
            Authentication = Users($"anna:{Hash} @ops /:r"),
            Access = new() { Rules = ["@ops /dir:r", "* /:r"] },
        });
        Assert.Equal(401, (await server.GetAsync("/open.txt")).Status);
        Assert.Equal(200, (await server.GetAsync("/open.txt", Anna)).Status);
        Assert.Equal(200, (await server.GetAsync("/dir/open.txt", Anna)).Status);
    }

    public void Dispose()
    {
        _site.Dispose();
        _home.Dispose();
    }

    private static void AssertHidden(RawResponse answer)
    {
        var body = answer.Body;
        if (answer["Content-Encoding"] == "gzip")
        {
            using var plain = new MemoryStream();
            using (var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress))
                gzip.CopyTo(plain);
            body = plain.ToArray();
        }

        var text = Encoding.Latin1.GetString(body);
        foreach (var name in (string[])[Secret, "plans-x", "plans-y", "app-x", "hidden-x", "404-x", "spa-x"])
            Assert.DoesNotContain(name, text);
    }

    [Theory]
    [InlineData("", false, "anna @ops")]
    [InlineData("", true, "anna")]
    [InlineData("Public/deep", false, "*")]
    [InlineData("public/deep", true, "")]
    [InlineData("logs", false, "@*")]
    [InlineData("logs2", false, "anna @ops")]
    public void Whom_the_rules_let_in_can_be_told(string path, bool writes, string expected)
    {
        string[] rules = ["anna /:rw", "@ops /:r", "@ops /:r", "* /public:r", "@* /logs:r"];
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, string.Join(' ', new AccessPolicy { Rules = rules }.FindSubjects(segments, writes)!));
        Assert.Null(new AccessPolicy().FindSubjects(segments, writes));
        Assert.Equal(
            ["@ops"], Users($"anna:{Hash} /in:r", "@ops /secret:r").FindSubjects(["secret", "x"], writes: false));
        Assert.Null(Users($"anna:{Hash}").FindSubjects(segments, writes));
    }

    private BasicAuthentication Users(params string[] lines) => BasicAuthentication.MakeFromFile(
        _home.Write(Guid.NewGuid().ToString(), string.Join('\n', lines)), new HashThrottle(2, 100));

    private RunningServer Serve()
    {
        var users = Users(
            "* /:r", $"anna:{Hash} @ops /secret:r /app-x.js:r /hidden-x.html:r /dir/index.html:r /404-x.html:r /spa-x.html:r /logs:r", $"otto:{Hash} /in:w", "@ops /in/closed.txt:w");
        return RunningServer.OfDirectory(_site.Path, handler =>
        {
            handler.Authentication = users;
            (handler.Archive, handler.CleanUrls, handler.AllowUpload) = (true, true, true);
            (handler.FallbackPage, handler.NotFoundPage) = ("spa-x.html", "404-x.html");
        });
    }
}
