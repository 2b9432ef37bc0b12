using Http.Server.Tests.Support;

namespace Http.Server.Tests.Authentication;

/// <summary>Users who have logged in by a page, and those who have not.</summary>
public sealed class SessionSchemeTests
{
    private const string Page = "Accept: text/html,application/xhtml+xml;q=0.9\r\n";

    private readonly Browser _browser = new();

    [Fact]
    public async Task Who_has_logged_in_is_let_in_and_by_his_roles()
    {
        await using var server = Serve(new() { Schemes = [AuthenticationScheme.Session("Login", "/login")], Roles = ["Ops"] });
        Assert.Equal(401, (await _browser.SendAsync(server, "/")).Status);
        await _browser.SendAsync(server, "/login?otto", "POST");
        Assert.Equal(403, (await _browser.SendAsync(server, "/")).Status);
        await _browser.SendAsync(server, "/login?anna,Ops", "POST");
        var answer = await _browser.SendAsync(server, "/");
        Assert.Equal("anna Session", answer.Text);
        await _browser.SendAsync(server, "/login", "POST");
        Assert.Equal(401, (await _browser.SendAsync(server, "/")).Status);
    }

    [Theory]
    [InlineData("GET", "/a/b?c=d&e=%20f", Page, 302, "/login?returnTo=%2Fa%2Fb%3Fc%3Dd%26e%3D%2520f")]
    [InlineData("HEAD", "/", Page, 302, "/login?returnTo=%2F")]
    [InlineData("POST", "/a", Page, 303, "/login")]
    [InlineData("GET", "/login/", Page, 302, "/login?returnTo=%2Flogin%2F")]
    [InlineData("GET", "/", "", 401, null)]
    [InlineData("GET", "/", "Accept: */*\r\n", 401, null)]
    [InlineData("GET", "/", "Accept: application/json\r\n", 401, null)]
    [InlineData("GET", "/login", Page, 200, null)]
    [InlineData("GET", "/login?returnTo=%2F", "", 200, null)]
    public async Task A_browser_is_sent_to_the_login_page_and_others_are_told_401(string method, string target, string headers, int status, string? location)
    {
        await using var server = Serve(new() { Schemes = [AuthenticationScheme.Session("Login", "/login")] });
        var answer = await _browser.SendAsync(server, target, method, headers);
        Assert.Equal((status, location), (answer.Status, answer["Location"]));
        Assert.Equal(status == 401 ? "Session realm=\"Login\"" : null, answer["WWW-Authenticate"]);
        if (status is 302 or 303)
            Assert.Equal("no-store", answer["Cache-Control"]);
    }

    [Fact]
    public async Task Without_a_login_page_everybody_is_told_401()
    {
        await using var server = Serve(new() { Schemes = [AuthenticationScheme.Session("Login")] });
        Assert.Equal(401, (await _browser.SendAsync(server, "/login", headers: Page)).Status);
    }

    [Fact]
    public async Task A_server_without_sessions_lets_nobody_in_and_says_why()
    {
        await using var server = Serve(new() { Schemes = [AuthenticationScheme.Session("Login")] }, new HttpServerOptions());
        Assert.Equal(500, (await server.GetAsync("/")).Status);
        Assert.Contains("this server keeps none", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_away_is_503_and_no_new_login()
    {
        var store = new FakeSharedStore();
        await using var server = Serve(new() { Schemes = [AuthenticationScheme.Session("Login", "/login")] }, new HttpServerOptions { Sessions = new(), StateStore = store });
        await _browser.SendAsync(server, "/login?anna", "POST");
        store.IsAway = true;
        Assert.Equal(503, (await _browser.SendAsync(server, "/", headers: Page)).Status);
        store.IsAway = false;
        Assert.Equal(200, (await _browser.SendAsync(server, "/", headers: Page)).Status);
    }

    [Theory]
    [InlineData("login")]
    [InlineData("//elsewhere")]
    [InlineData("/log in")]
    [InlineData("/login?a")]
    [InlineData("/\\elsewhere")]
    public void A_login_page_is_a_path_of_this_server(string path) =>
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.Session("Login", path));

    private static RunningServer Serve(AccessPolicy policy, HttpServerOptions? options = null) => new(() => new ActionHandler(static async handler =>
    {
        if (handler.Command == "POST")
        {
            var query = handler.Path.Split('?', 2).ElementAtOrDefault(1)?.Split(',');
            (await handler.OpenSessionAsync()).User = query is [var name, .. var roles] ? new HttpUser(name, roles) : null;
        }

        handler.SendText($"{handler.User} {handler.AuthType}");
    })
    { Access = policy }, options ?? new HttpServerOptions { Sessions = new() });
}
