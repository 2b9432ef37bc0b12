using System.Text;
using Http.Server.Authentication;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Authentication;

/// <summary>Who is let in, and that nothing else is done before that.</summary>
public sealed class AuthenticatedRequestTests
{
    private static readonly BasicAuthentication Users = Make();

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET /none HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET /%2e%2e/etc HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET /cgi-bin/x HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("SPAM / HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: test\r\nExpect: eggs\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    public async Task Nothing_is_answered_before_the_password(string request)
    {
        using var folder = new TempDirectory();
        await using var server = new RunningServer(() => new CgiHttpRequestHandler { Directory = folder.Path, Authentication = Users });
        var response = await server.SendAsync(request);
        Assert.Equal((401, "Basic realm=\"HttpServer\", charset=\"UTF-8\""), (response.Status, response["WWW-Authenticate"]));
        // The connection goes on but where the body is too long to be thrown away, or may not come at all.
        Assert.Equal(request.Contains("9999") || request.Contains("Expect") || request.Contains("1.0\r") ? "close" : null, response["Connection"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Authorization:\r\n")]
    [InlineData("Authorization: Basic\r\n")]
    [InlineData("Authorization: Bearer YW5uYTpnZWhlaW0=\r\n")]
    [InlineData("Authorization: Basic YW5uYTpnZWhlaW0\r\n")]
    [InlineData("Authorization: Basic YW5uYTpnZWhlaW0=, Basic YW5uYTpnZWhlaW0=\r\n")]
    [InlineData("Authorization: Basic YW5uYTpnZWhlaW0=\r\nAuthorization: Basic YW5uYTpnZWhlaW0=\r\n")]
    [InlineData("Authorization: Basic \u00ff\u00fe\r\n")]
    [InlineData("Proxy-Authorization: Basic YW5uYTpnZWhlaW0=\r\n")]
    public async Task Missing_and_malformed_credentials_are_401(string headers)
    {
        await using var server = Serve();
        Assert.Equal(401, (await server.GetAsync("/", headers)).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task The_handler_is_told_the_user_of_each_request()
    {
        await using var server = Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{Basic("anna:geheim")}\r\nGET / HTTP/1.1\r\nHost: test\r\n{Basic("jörg:pässwort")}\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("Basic anna", (await client.ReadResponseAsync()).Text);
        Assert.Equal("Basic jörg", (await client.ReadResponseAsync()).Text);
        Assert.Equal(401, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_body_arrives_after_the_password()
    {
        await using var server = new RunningServer(() => new Echo { Authentication = Users });
        var response = await server.SendAsync($"POST / HTTP/1.1\r\nHost: test\r\n{Basic("anna:geheim")}Content-Length: 5\r\n\r\nhello");
        Assert.Equal("hello", response.Text);
    }

    [Fact]
    public async Task A_refusal_tells_nothing_of_HEAD()
    {
        await using var server = Serve();
        var response = await server.SendAsync("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal((401, 0), (response.Status, response.Body.Length));
        Assert.NotNull(response["WWW-Authenticate"]);
    }

    [Fact]
    public async Task Without_users_everybody_is_let_in()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText($"{handler.AuthType}{handler.RemoteUser}"));
        var response = await server.GetAsync("/", Basic("anna:geheim"));
        Assert.Equal((200, ""), (response.Status, response.Text));
    }

    [Fact]
    public async Task Over_plain_HTTP_a_client_elsewhere_is_403_with_a_hint_once()
    {
        using var conversation = new Conversation(Guard(Make()));
        conversation.Stream.Feed($"GET / HTTP/1.1\r\nHost: test\r\n{Basic("anna:geheim")}\r\n");
        conversation.Stream.FinishInput();
        await conversation.EndAsync();
        Assert.StartsWith("HTTP/1.1 403 ", conversation.Stream.Output);
        Assert.DoesNotContain("WWW-Authenticate", conversation.Stream.Output);
        var message = Assert.Single(conversation.Log.Messages);
        Assert.Equal((LogLevel.Warning, "192.0.2.7"), (message.Level, message.Client));
        Assert.Contains("AllowPlainHttp", message.Text);
    }

    [Fact]
    public async Task The_hint_is_given_once()
    {
        var users = Make();
        Assert.True(users.TakeHint());
        using var conversation = new Conversation(Guard(users));
        conversation.Stream.Feed("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        conversation.Stream.FinishInput();
        await conversation.EndAsync();
        Assert.Empty(conversation.Log.Messages);
    }

    [Fact]
    public async Task Over_plain_HTTP_a_client_elsewhere_is_let_in_where_that_is_wanted()
    {
        var users = Make();
        users.AllowPlainHttp = true;
        Assert.StartsWith("HTTP/1.1 200 ", await Conversation.AskAsync(Guard(users), $"GET / HTTP/1.1\r\nHost: test\r\n{Basic("anna:geheim")}\r\n"));
    }

    [Fact]
    public async Task Over_HTTPS_passwords_are_taken()
    {
        await using var server = new RunningServer(() => Guard(Users), null, ServerCertificate.SelfSigned());
        Assert.Equal(401, (await server.GetAsync("/")).Status);
        Assert.Equal("Basic anna", (await server.GetAsync("/", Basic("anna:geheim"))).Text);
    }

    [Fact]
    public async Task A_host_with_threads_of_its_own_answers_refusals_too_and_never_waits_for_a_password()
    {
        var users = Make();
        var calls = 0;
        var waited = 0;
        await using var server = new RunningServer(() =>
        {
            var handler = Guard(users);
            handler.RequestInvoker = (_, answer) =>
            {
                Interlocked.Increment(ref calls);
                var answering = answer();
                if (!answering.IsCompleted)
                    Interlocked.Increment(ref waited);
                return answering;
            };
            return handler;
        });
        Assert.Equal(401, (await server.GetAsync("/", Basic("anna:falsch"))).Status);
        Assert.Equal("Basic anna", (await server.GetAsync("/", Basic("anna:geheim"))).Text);
        Assert.Equal((2, 0), (calls, waited));
    }

    [Fact]
    public async Task A_page_of_the_classs_own_has_the_challenge_too()
    {
        await using var server = new RunningServer(() => new OwnPage { Authentication = Users });
        var response = await server.GetAsync("/");
        Assert.Equal((401, "who?"), (response.Status, response.Text));
        Assert.NotNull(response["WWW-Authenticate"]);
    }

    [Fact]
    public async Task A_program_sees_the_user_and_never_the_password()
    {
        await using var site = new CgiSite();
        site.Script("env", CgiSite.PrintEnvironment);
        var variables = CgiSite.ReadEnvironment(await site.Serve(handler => handler.Authentication = Users).GetAsync("/cgi-bin/env", Basic("jörg:pässwort")));
        Assert.Equal(("Basic", "jörg"), (variables["AUTH_TYPE"], variables["REMOTE_USER"]));
        Assert.DoesNotContain("HTTP_AUTHORIZATION", variables.Keys);
    }

    [Fact]
    public async Task Curl_logs_in()
    {
        var curl = Tool.Require("curl", "curl");
        await using var server = Serve();
        Assert.Equal("Basic anna", (await Tool.RunAsync(curl, "-s", "-u", "anna:geheim", server.Url)).Output);
        Assert.Equal("401", (await Tool.RunAsync(curl, "-s", "-o", "-", "-w", "%{stderr}%{http_code}", "-u", "anna:falsch", server.Url)).Errors);
        // Asks without credentials first, as browsers do.
        Assert.Equal("Basic jörg", (await Tool.RunAsync(curl, "-s", "--anyauth", "-u", "jörg:pässwort", server.Url)).Output);
    }

    [Fact]
    public async Task Hostile_headers_are_answered_and_never_an_error()
    {
        await using var server = Serve();
        var random = new Random(11);
        for (var n = 0; n < 500; n++)
        {
            var value = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => (char)(random.Next(3) == 0 ? random.Next(0x80, 0x100) : random.Next(' ', 0x7f))));
            Assert.Equal(401, (await server.GetAsync("/", $"Authorization: {(random.Next(2) == 0 ? "Basic " : "")}{value}\r\n")).Status);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public void Credentials_that_are_known_are_let_in_at_once()
    {
        var handler = Guard(Make());
        using var connection = new RepeatingConnection(handler, $"GET / HTTP/1.1\r\nHost: test\r\n{Basic("anna:geheim")}\r\n");
        handler.Authentication!.Users.Remember(handler.Authentication.Users.DigestOf(Encoding.ASCII.GetBytes(Basic("anna:geheim")["Authorization: ".Length..^2])), "anna");
        connection.ServeOne();
        Assert.StartsWith("HTTP/1.1 200 ", Encoding.Latin1.GetString(connection.Client.LastAnswer));
    }

    private static BasicAuthentication Make() => BasicAuthentication.MakeFromHashes(
        [
            new("anna", PasswordHash.Make("geheim", PasswordHash.MinIterations).ToString()),
            new("jörg", PasswordHash.Make("pässwort", PasswordHash.MinIterations).ToString()),
        ],
        new HashThrottle(2, 100));

    private static string Basic(string credentials) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}\r\n";

    private static ActionHandler Guard(BasicAuthentication users)
    {
        var handler = ActionHandler.Of(handler => handler.SendText($"{handler.AuthType} {handler.RemoteUser}"));
        handler.Authentication = users;
        return handler;
    }

    private static RunningServer Serve() => new(() => Guard(Users));

    private sealed class Echo : BaseHttpRequestHandler
    {
        public async Task DoPost() => SendText(await new StreamReader(Rfile).ReadToEndAsync());
    }

    private sealed class OwnPage : BaseHttpRequestHandler
    {
        public OwnPage() => ProtocolVersion = "HTTP/1.1";

        public override void SendError(int code, string? message = null, string? explain = null) => SendText("who?", code: code);
    }
}
