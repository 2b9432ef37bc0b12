using System.Globalization;
using System.Net;
using Http.Server.State;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Sessions;

/// <summary>What is known of a browser from one of its requests to the next, over real connections.</summary>
public sealed class HttpSessionTests
{
    private static readonly HttpServerOptions Kept = new() { Sessions = new() };

    private readonly Browser _browser = new();

    [Fact]
    public async Task What_one_request_puts_in_the_next_one_has()
    {
        await using var server = ActionHandler.ServeAsync(CountAsync, Kept);
        Assert.Equal("1", (await _browser.SendAsync(server, "/")).Text);
        var answer = await _browser.SendAsync(server, "/");
        Assert.Equal(("2", null, null), (answer.Text, answer["Set-Cookie"], answer["Cache-Control"]));
        Assert.Equal("1", (await new Browser().SendAsync(server, "/")).Text);
    }

    [Fact]
    public async Task Nothing_is_kept_and_no_cookie_sent_before_something_is_put_in()
    {
        var store = new MemoryStateStore();
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            var session = await handler.OpenSessionAsync();
            handler.SendText($"{session.IsEmpty} {session["n"]} {session.User} {session.IsFormToken("x")} {session.Remove("n")}");
        }, Kept with { StateStore = store });
        var answer = await _browser.SendAsync(server, "/");
        Assert.Equal(("True   False False", null, 0), (answer.Text, answer["Set-Cookie"], store.Count));
    }

    [Theory]
    [InlineData(false, "", @"^HttpServerSession=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax$")]
    [InlineData(true, "", @"^__Host-HttpServerSession=[\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax$")]
    [InlineData(false, "X-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n", @"^__Host-HttpServerSession=[\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax$")]
    public async Task The_cookie_is_bound_to_the_host_where_the_browser_speaks_https(bool usesTls, string headers, string cookie)
    {
        await using var server = ActionHandler.ServeAsync(CountAsync, Kept with { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] }, usesTls ? ServerCertificate.SelfSigned() : null);
        var answer = await _browser.SendAsync(server, "/", headers: headers);
        Assert.Matches(cookie, answer["Set-Cookie"]!);
        Assert.Equal("2", (await _browser.SendAsync(server, "/", headers: headers)).Text);
    }

    [Fact]
    public async Task What_was_planted_over_plain_http_is_nothing_over_https()
    {
        var store = new MemoryStateStore();
        var options = Kept with { StateStore = store, TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] };
        await using var server = ActionHandler.ServeAsync(CountAsync, options);
        await _browser.SendAsync(server, "/");
        Assert.Equal("1", (await _browser.SendAsync(server, "/", headers: "X-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n")).Text);
    }

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("short")]
    [InlineData("")]
    [InlineData("../../../../../../../../../../../../etc/passwd")]
    public async Task An_id_that_the_server_has_not_made_is_never_adopted(string id)
    {
        await using var server = ActionHandler.ServeAsync(CountAsync, Kept);
        _browser.Plant("HttpServerSession", id);
        Assert.Equal("1", (await _browser.SendAsync(server, "/")).Text);
        Assert.NotEqual(id, _browser.Cookie);
        Assert.Equal("2", (await _browser.SendAsync(server, "/")).Text);
    }

    [Fact]
    public async Task A_renewed_session_has_a_new_id_and_the_old_one_is_dead()
    {
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            var session = await handler.OpenSessionAsync();
            if (handler.Path == "/renew")
                session.Renew();
            if (handler.Path == "/login")
                session.User = new HttpUser("anna", "Ops");
            session["n"] = $"{session["n"]}x";
            handler.SendText($"{session["n"]} {session.User} {session.User?.IsInRole("Ops")}");
        }, Kept);
        await _browser.SendAsync(server, "/");
        foreach (var (path, text) in new[] { ("/renew", "xx  "), ("/login", "xxx anna True") })
        {
            var thief = new Browser();
            thief.Plant("HttpServerSession", _browser.Cookie!);
            Assert.Equal(text, (await _browser.SendAsync(server, path)).Text);
            Assert.NotEqual(thief.Cookie, _browser.Cookie);
            Assert.Equal("x  ", (await thief.SendAsync(server, "/")).Text);
        }

        var id = _browser.Cookie;
        Assert.Equal("xxxx anna True", (await _browser.SendAsync(server, "/login")).Text);
        Assert.Equal(id, _browser.Cookie);
    }

    [Fact]
    public async Task A_cleared_session_is_gone_and_what_is_put_in_then_is_another_one()
    {
        var store = new MemoryStateStore();
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            var session = await handler.OpenSessionAsync();
            if (handler.Path.StartsWith("/clear", StringComparison.Ordinal))
                session.Clear();
            if (handler.Path != "/clear")
                session["n"] = $"{session["n"]}x";
            handler.SendText($"{session["n"]}");
        }, Kept with { StateStore = store });
        await _browser.SendAsync(server, "/");
        var first = _browser.Cookie;
        Assert.Equal("x", (await _browser.SendAsync(server, "/clear-and-go-on")).Text);
        Assert.NotEqual(first, _browser.Cookie);
        Assert.Equal(1, store.Count);
        var answer = await _browser.SendAsync(server, "/clear");
        Assert.Equal("HttpServerSession=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", answer["Set-Cookie"]);
        Assert.Equal((null, 0), (_browser.Cookie, store.Count));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, true)]
    public async Task Requests_at_the_same_time_lose_nothing_of_each_other(int count, bool isShared)
    {
        const int Requests = 60;
        var memory = new MemoryStateStore();
        // Each has a store of its own, as processes have: the queue of one process is not what keeps them apart.
        var servers = Enumerable.Range(0, count)
            .Select(_ => ActionHandler.ServeAsync(CountAsync, Kept with { StateStore = isShared ? new FakeSharedStore(memory) : memory })).ToArray();
        await _browser.SendAsync(servers[0], "/");
        var headers = $"Cookie: HttpServerSession={_browser.Cookie}\r\n";
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(number => servers[number % count].GetAsync("/", headers)));
        Assert.Equal(Enumerable.Range(2, Requests), answers.Select(static answer => int.Parse(answer.Text, CultureInfo.InvariantCulture)).Order());
        foreach (var server in servers)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task A_session_that_is_too_large_is_the_handlers_error_and_stays_as_it_was()
    {
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            var session = await handler.OpenSessionAsync();
            session["n"] = handler.Path == "/large" ? new string('x', 1000) : $"{session["n"]}x";
            handler.SendText(session["n"]!);
        }, new HttpServerOptions { Sessions = new() { MaxBytes = 500 } });
        await _browser.SendAsync(server, "/");
        Assert.Equal(500, (await _browser.SendAsync(server, "/large")).Status);
        Assert.Contains("at most 500 are kept", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        Assert.Equal("xx", (await _browser.SendAsync(server, "/")).Text);
        Assert.Null((await new Browser().SendAsync(server, "/large"))["Set-Cookie"]);
    }

    [Fact]
    public async Task A_handler_that_fails_leaves_the_session_as_it_was()
    {
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            var session = await handler.OpenSessionAsync();
            session["n"] = $"{session["n"]}x";
            if (handler.Path == "/fail")
                throw new InvalidOperationException("It failed.");
            handler.SendText(session["n"]!);
        }, Kept);
        await _browser.SendAsync(server, "/");
        var answer = await _browser.SendAsync(server, "/fail");
        Assert.Equal((500, null), (answer.Status, answer["Set-Cookie"]));
        Assert.Equal("xx", (await _browser.SendAsync(server, "/")).Text);
    }

    [Fact]
    public async Task What_is_kept_early_is_kept_and_another_request_may_go_on()
    {
        var (isEnded, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            var session = await handler.OpenSessionAsync();
            session["n"] = $"{session["n"]}x";
            if (handler.Path == "/long")
            {
                await handler.EndSessionAsync();
                Assert.Throws<InvalidOperationException>(() => session["n"] = "");
                isEnded.SetResult();
                await mayEnd.Task;
            }

            handler.SendText(session["n"]!);
        }, Kept);
        await _browser.SendAsync(server, "/");
        var waiting = _browser.SendAsync(server, "/long");
        await isEnded.Task;
        Assert.Equal("xxx", (await _browser.SendAsync(server, "/")).Text);
        mayEnd.SetResult();
        Assert.Equal("xx", (await waiting).Text);
    }

    [Fact]
    public async Task Who_waits_too_long_for_another_request_is_told_503()
    {
        var (isOpen, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            var session = await handler.OpenSessionAsync();
            session["n"] = "x";
            if (handler.Path == "/long")
            {
                isOpen.SetResult();
                await mayEnd.Task;
            }

            handler.SendText("");
        }, new HttpServerOptions { Sessions = new() { LockTimeout = TimeSpan.FromMilliseconds(1) } });
        await _browser.SendAsync(server, "/");
        var waiting = _browser.SendAsync(server, "/long");
        await isOpen.Task;
        var answer = await _browser.SendAsync(server, "/");
        Assert.Equal((503, "1"), (answer.Status, answer["Retry-After"]));
        mayEnd.SetResult();
        Assert.Equal(200, (await waiting).Status);
    }

    [Fact]
    public async Task A_store_that_is_away_is_503_for_those_who_need_it_and_loses_nothing()
    {
        var store = new FakeSharedStore();
        await using var server = ActionHandler.ServeAsync(static handler =>
        {
            if (handler.Path != "/plain")
                return CountAsync(handler);
            handler.SendText("plain");
            return default;
        }, Kept with { StateStore = store });
        await _browser.SendAsync(server, "/");
        store.IsAway = true;
        var answer = await _browser.SendAsync(server, "/");
        Assert.Equal((503, "1", null), (answer.Status, answer["Retry-After"], answer["Set-Cookie"]));
        Assert.Contains("kept in a store that cannot be used now", answer.Text, StringComparison.Ordinal);
        Assert.Equal("plain", (await _browser.SendAsync(server, "/plain")).Text);
        store.IsAway = false;
        Assert.Equal("2", (await _browser.SendAsync(server, "/")).Text);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(null, "no-store")]
    [InlineData("private, max-age=5", "private, max-age=5")]
    public async Task An_answer_with_the_cookie_is_for_nobody_else(string? own, string expected)
    {
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            (await handler.OpenSessionAsync())["n"] = "x";
            handler.SendResponse(200);
            if (own is not null)
                handler.SendHeader("cache-control", own);
            handler.SendHeader("Content-Length", "0");
            handler.EndHeaders();
        }, Kept);
        Assert.Equal(expected, (await _browser.SendAsync(server, "/"))["Cache-Control"]);
    }

    [Fact]
    public async Task A_session_that_begins_behind_the_head_is_an_error_and_one_that_goes_on_is_none()
    {
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            var session = await handler.OpenSessionAsync();
            handler.SendText($"{session["n"]}");
            session["n"] = $"{session["n"]}x";
            if (handler.Path == "/twice")
                handler.SendText("");
        }, Kept);
        Assert.Equal(500, (await _browser.SendAsync(server, "/")).Status);
        Assert.Contains("after the head of the answer", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        await using var whole = ActionHandler.ServeAsync(CountAsync, Kept with { StateStore = server.Server.StateStore });
        await _browser.SendAsync(whole, "/");
        Assert.Equal("1", (await _browser.SendAsync(server, "/")).Text);
        Assert.Equal("1x", (await _browser.SendAsync(server, "/")).Text);
    }

    [Fact]
    public async Task A_form_has_a_token_of_its_session_until_another_user_comes()
    {
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            if (handler.Command == "POST")
            {
                handler.SendText($"{await handler.IsFormTokenAsync(handler.Headers["X-CSRF-Token"])}");
                return;
            }

            var session = await handler.OpenSessionAsync();
            if (handler.Path == "/login")
                session.User = new HttpUser("anna");
            handler.SendText(session.MakeFormToken());
        }, Kept);
        var (first, second) = ((await _browser.SendAsync(server, "/")).Text, (await _browser.SendAsync(server, "/")).Text);
        var others = (await new Browser().SendAsync(server, "/")).Text;
        Assert.NotEqual(first, second);
        foreach (var (token, outcome) in new[] { (first, "True"), (second, "True"), (others, "False"), (first[..^1], "False"), ("", "False") })
            Assert.Equal(outcome, (await _browser.SendAsync(server, "/", "POST", $"X-CSRF-Token: {token}\r\n")).Text);
        Assert.Equal("False", (await new Browser().SendAsync(server, "/", "POST", $"X-CSRF-Token: {first}\r\n")).Text);
        var own = (await _browser.SendAsync(server, "/login")).Text;
        Assert.Equal("False", (await _browser.SendAsync(server, "/", "POST", $"X-CSRF-Token: {first}\r\n")).Text);
        Assert.Equal("True", (await _browser.SendAsync(server, "/", "POST", $"X-CSRF-Token: {own}\r\n")).Text);
    }

    [Fact]
    public async Task Two_cookies_of_the_name_are_none()
    {
        await using var server = ActionHandler.ServeAsync(CountAsync, Kept);
        await _browser.SendAsync(server, "/");
        var cookie = $"HttpServerSession={_browser.Cookie}";
        Assert.Equal("2", (await server.GetAsync("/", $"Cookie: a=b; {cookie}\r\n")).Text);
        Assert.Equal("1", (await server.GetAsync("/", $"Cookie: {cookie}; {cookie}\r\n")).Text);
        Assert.Equal("1", (await server.GetAsync("/", $"Cookie: {cookie}\r\nCookie: a=b\r\n")).Text);
    }

    [Fact]
    public async Task Without_sessions_a_handler_that_asks_for_one_is_told_so()
    {
        await using var server = ActionHandler.ServeAsync(CountAsync);
        Assert.Equal(500, (await server.GetAsync("/")).Status);
        Assert.Contains("keeps no sessions", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 65536, "HttpServerSession")]
    [InlineData(1200, 100, "HttpServerSession")]
    [InlineData(1200, 65536, "a b")]
    [InlineData(1200, 65536, "__Host-x")]
    public void Options_out_of_their_range_are_refused(int timeout, int maxBytes, string cookie)
    {
        var options = Kept with { Sessions = new() { Timeout = TimeSpan.FromSeconds(timeout), MaxBytes = maxBytes, CookieName = cookie } };
        Assert.ThrowsAny<ArgumentException>(() => new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), static () => throw new InvalidOperationException(), options));
    }

    private static async ValueTask CountAsync(BaseHttpRequestHandler handler)
    {
        var session = await handler.OpenSessionAsync();
        var count = int.Parse(session["n"] ?? "0", CultureInfo.InvariantCulture) + 1;
        session["n"] = count.ToString(CultureInfo.InvariantCulture);
        handler.SendText($"{count}");
    }
}
