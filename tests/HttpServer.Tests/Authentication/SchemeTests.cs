using Http.Server.Authentication;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Authentication;

/// <summary>Who is let in by tokens, keys and passwords that a function knows, and by which roles.</summary>
public sealed class SchemeTests
{
    private static readonly AuthenticationScheme Tokens = AuthenticationScheme.Bearer("Api", static (token, _) => new(token switch
    {
        "anna" => new HttpUser("anna", "Ops", "Dev"),
        "otto" => new HttpUser("otto"),
        _ => null,
    }));

    private static readonly AuthenticationScheme Keys =
        AuthenticationScheme.ApiKey("Keys", static (key, _) => new(key == "k 1" ? new HttpUser("robot") : null), "X-Key", "key", "key");

    private static readonly AuthenticationScheme People =
        AuthenticationScheme.Basic("People", static (user, password, _) => new(password == "pä:ss" ? new HttpUser(user) : null));

    [Theory]
    [InlineData("", "", 401)]
    [InlineData("", "Authorization: Bearer anna\r\n", 200)]
    [InlineData("", "authorization: bearer   anna \r\n", 200)]
    [InlineData("", "Authorization: Bearer anna\r\nAuthorization: Bearer anna\r\n", 401)]
    [InlineData("", "Authorization: Beareranna\r\n", 401)]
    [InlineData("", "Authorization: Bearer\r\n", 401)]
    [InlineData("", "Authorization: Bearer an na\r\n", 401)]
    [InlineData("", "Authorization: Bearer anna,otto\r\n", 401)]
    [InlineData("", "Authorization: Bearer ANNA\r\n", 401)]
    [InlineData("", "Authorization: Bearer \u00ff\r\n", 401)]
    [InlineData("", "X-Key: k 1\r\n", 200)]
    [InlineData("", "X-Key: k 1\r\nX-Key: k 1\r\n", 401)]
    [InlineData("", "X-Key: k 2\r\n", 401)]
    [InlineData("?key=k%201", "", 200)]
    [InlineData("?a=b&key=k+1", "", 200)]
    [InlineData("?key=k%201&key=k%201", "", 401)]
    [InlineData("?xkey=k%201", "", 401)]
    [InlineData("?key", "", 401)]
    [InlineData("?key=%zz", "", 401)]
    [InlineData("?", "", 401)]
    [InlineData("", "Cookie: a=b; key=\"k 1\"\r\n", 200)]
    [InlineData("", "Cookie: key=k 1; key=k 1\r\n", 401)]
    [InlineData("", "Cookie: key=k 1\r\nCookie: key=k 1\r\n", 401)]
    [InlineData("", "Cookie: =;;; key\r\n", 401)]
    [InlineData("", "Authorization: Basic dXRlOnDDpDpzcw==\r\n", 200)]
    [InlineData("", "Authorization: Basic dXRlOnBhc3M=\r\n", 401)]
    [InlineData("", "Authorization: Basic dXRl\r\n", 401)]
    [InlineData("?key=false", "Authorization: Bearer anna\r\n", 200)]
    [InlineData("?key=k%201", "Authorization: Bearer nobody\r\n", 200)]
    public async Task One_scheme_is_enough(string query, string headers, int status)
    {
        await using var server = Serve(new() { Schemes = [Tokens, Keys, People] });
        var answer = await server.GetAsync("/" + query, headers);
        Assert.Equal(status, answer.Status);
        var challenges = answer.Headers.Where(static header => header.Key.Equals("WWW-Authenticate", StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value);
        var bearer = "Bearer realm=\"Api\"" + (SentToken(headers) ? ", error=\"invalid_token\"" : "");
        Assert.Equal(status == 200 ? [] : [bearer, "ApiKey realm=\"Keys\"", "Basic realm=\"People\", charset=\"UTF-8\""], challenges);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("anna", "Ops", 200)]
    [InlineData("anna", "Admin,Dev", 200)]
    [InlineData("anna", "ops", 403)]
    [InlineData("otto", "Ops", 403)]
    [InlineData("otto", "", 200)]
    [InlineData("eva", "Ops", 401)]
    public async Task A_user_needs_one_of_the_roles(string token, string roles, int status)
    {
        await using var server = Serve(new() { Schemes = [Tokens], Roles = roles.Split(',', StringSplitOptions.RemoveEmptyEntries) });
        var answer = await server.GetAsync("/", $"Authorization: Bearer {token}\r\n");
        Assert.Equal((status, status == 401), (answer.Status, answer["WWW-Authenticate"] is not null));
    }

    [Fact]
    public async Task What_a_request_asks_for_has_its_own_schemes_in_place_of_those_of_the_server()
    {
        var users = BasicAuthentication.MakeFromHashes([new("eva", PasswordHash.Make("x", PasswordHash.MinIterations).ToString())], new HashThrottle(1, 10));
        await using var server = new RunningServer(() => new Routing { Authentication = users, Access = new() { Schemes = [Keys] } });
        foreach (var (path, headers, status) in new[]
        {
            ("/", "", 401), ("/", "X-Key: k 1\r\n", 200), ("/", "Authorization: Basic ZXZhOng=\r\n", 200), ("/", "Authorization: Bearer anna\r\n", 401),
            ("/api", "", 401), ("/api", "X-Key: k 1\r\n", 401), ("/api", "Authorization: Basic ZXZhOng=\r\n", 401), ("/api", "Authorization: Bearer otto\r\n", 200),
            ("/ops", "", 401), ("/ops", "X-Key: k 1\r\n", 403), ("/ops", "Authorization: Basic ZXZhOng=\r\n", 403), ("/ops", "Authorization: Bearer anna\r\n", 401),
        })
            Assert.Equal((path, headers, status), (path, headers, (await server.GetAsync(path, headers)).Status));
    }

    [Fact]
    public async Task A_policy_that_nothing_can_meet_is_403_without_a_challenge()
    {
        await using var server = Serve(new() { Roles = ["Ops"] });
        var answer = await server.GetAsync("/", "Authorization: Bearer anna\r\n");
        Assert.Equal((403, null), (answer.Status, answer["WWW-Authenticate"]));
    }

    [Fact]
    public async Task A_user_is_remembered_for_a_time_and_what_is_wrong_is_not()
    {
        var calls = 0;
        var time = new SteppedTime();
        var scheme = AuthenticationScheme.Bearer("Api", (token, _) =>
        {
            calls++;
            return new(token == "anna" ? new HttpUser("anna") : null);
        }, TimeSpan.FromSeconds(5));
        await using var server = Serve(new() { Schemes = [scheme] }, new() { TimeProvider = time });
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(200, (await server.GetAsync("/", "Authorization: Bearer anna\r\n")).Status);
            Assert.Equal(401, (await server.GetAsync("/", "Authorization: Bearer eva\r\n")).Status);
        }

        Assert.Equal(4, calls);
        time.Lead = 6 * TimeProvider.System.TimestampFrequency;
        Assert.Equal(200, (await server.GetAsync("/", "Authorization: Bearer anna\r\n")).Status);
        Assert.Equal(5, calls);
    }

    [Fact]
    public void The_table_of_the_remembered_is_bounded_and_has_no_credential()
    {
        var users = new RememberedUsers(TimeSpan.FromSeconds(60));
        var user = new HttpUser("anna");
        for (var n = 0; n < 3 * RememberedUsers.Max; n++)
            users.Remember(users.DigestOf($"token{n}"), user, 0);
        Assert.InRange(users.Count, 1, RememberedUsers.Max);
        Assert.NotEqual(users.DigestOf("a"), new RememberedUsers(TimeSpan.Zero).DigestOf("a"));
        Assert.Same(user, users.Find(users.DigestOf($"token{(3 * RememberedUsers.Max) - 1}"), 59_999));
        Assert.Null(users.Find(users.DigestOf($"token{(3 * RememberedUsers.Max) - 1}"), 60_000));
    }

    [Fact]
    public async Task Over_plain_HTTP_a_client_elsewhere_is_403_unless_that_is_wanted()
    {
        const string Request = "GET / HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer anna\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 403 ", await Conversation.AskAsync(Guard(new() { Schemes = [Tokens] }), Request));
        Assert.StartsWith("HTTP/1.1 200 ", await Conversation.AskAsync(Guard(new() { Schemes = [Tokens], AllowPlainHttp = true }), Request));
    }

    [Fact]
    public async Task A_function_that_fails_lets_nobody_in()
    {
        var scheme = AuthenticationScheme.Bearer("Api", static (_, _) => throw new InvalidOperationException("broken"));
        await using var server = Serve(new() { Schemes = [scheme] });
        var answer = await server.GetAsync("/", "Authorization: Bearer anna\r\n");
        Assert.Equal(500, answer.Status);
        Assert.DoesNotContain("broken", answer.Text);
    }

    [Fact]
    public async Task Hostile_headers_are_refused_and_never_an_error()
    {
        await using var server = Serve(new() { Schemes = [Tokens, Keys, People] });
        var random = new Random(14);
        string[] names = ["Authorization", "X-Key", "Cookie"];
        for (var n = 0; n < 500; n++)
        {
            var value = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(6) switch
            {
                0 => ' ',
                1 => '=',
                2 => ';',
                3 => (char)random.Next(0x80, 0x100),
                _ => (char)random.Next('!', 0x7f),
            }));
            var start = random.Next(4) switch { 0 => "Bearer ", 1 => "Basic ", 2 => "key=", _ => "" };
            Assert.Equal(401, (await server.GetAsync("/", $"{names[random.Next(3)]}: {start}{value}\r\n")).Status);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public void Names_that_no_header_could_hold_are_refused()
    {
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.Bearer("", static (_, _) => default));
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.Bearer("a\nb", static (_, _) => default));
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.ApiKey("A", static (_, _) => default, "a b"));
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.ApiKey("A", static (_, _) => default, null));
        Assert.Throws<ArgumentException>(() => new HttpUser(""));
        Assert.Throws<ArgumentException>(() => new HttpUser("a\rb"));
        Assert.Throws<ArgumentException>(() => new HttpUser("a", ""));
    }

    [Fact]
    public void A_user_is_its_name_and_roles()
    {
        Assert.Equal(new HttpUser("anna", "a"), new HttpUser("anna", "a"));
        Assert.NotEqual(new HttpUser("anna", "a"), new HttpUser("anna", "b"));
        Assert.True(new HttpUser("anna").Equals("anna"));
        Assert.False(new HttpUser("anna").Equals("Anna"));
        Assert.True(new AccessPolicy().Allows(new HttpUser("anna")));
        Assert.False(new AccessPolicy().Allows(null));
    }

    /// <summary>One token, right or not: RFC 6750, section 3.1.</summary>
    private static bool SentToken(string headers) => headers.StartsWith("Authorization: Bearer ", StringComparison.Ordinal)
        && headers.IndexOf("\r\n", StringComparison.Ordinal) == headers.Length - 2;

    private static ActionHandler Guard(AccessPolicy policy)
    {
        var handler = ActionHandler.Of(static handler => handler.SendText($"{handler.AuthType} {handler.User}"));
        handler.Access = policy;
        return handler;
    }

    private static RunningServer Serve(AccessPolicy policy, HttpServerOptions? options = null) => new(() => Guard(policy), options);

    private sealed class SteppedTime : TimeProvider
    {
        public long Lead { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + Lead;
    }

    private sealed class Routing : BaseHttpRequestHandler
    {
        public Routing() => ProtocolVersion = "HTTP/1.1";

        public void DoGet() => SendText($"{User}");

        protected override AccessPolicy? FindAccess() => Path switch
        {
            "/api" => new() { Schemes = [Tokens] },
            "/ops" => new() { Roles = ["Ops"] },
            _ => null,
        };
    }
}
