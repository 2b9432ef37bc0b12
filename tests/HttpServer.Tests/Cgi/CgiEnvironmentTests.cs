using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>What a program finds in its environment (RFC 3875, section 4.1), all of it and nothing else.</summary>
public sealed class CgiEnvironmentTests : IAsyncDisposable
{
    /// <summary>What a program has from the server's own environment, as far as that has it.</summary>
    private static readonly string[] Inherited = ["PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

    private readonly CgiSite _site = new();
    private readonly string _script;

    public CgiEnvironmentTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The environment is read from /proc.");
        _script = _site.Script("env", CgiSite.PrintEnvironment);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_program_is_told_exactly_this()
    {
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/%65nv/extra%20path?a=1&b=%2F+c HTTP/1.1\r\nHost: example.test:99\r\nUser-Agent: me\r\nX-One: 1\r\n\r\n");
        var variables = CgiSite.ReadEnvironment(await client.ReadResponseAsync());
        Assert.True(ushort.TryParse(variables["REMOTE_PORT"], out var port) && port > 0 && port != server.Port);
        foreach (var name in Inherited.Append("REMOTE_PORT"))
            variables.Remove(name);
        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["DOCUMENT_ROOT"] = _site.Root,
                ["GATEWAY_INTERFACE"] = "CGI/1.1",
                ["HTTP_HOST"] = "example.test:99",
                ["HTTP_USER_AGENT"] = "me",
                ["HTTP_X_ONE"] = "1",
                ["PATH_INFO"] = "/extra path",
                ["PATH_TRANSLATED"] = _site.Root + "/extra path",
                ["QUERY_STRING"] = "a=1&b=%2F+c",
                ["REDIRECT_STATUS"] = "200",
                ["REMOTE_ADDR"] = "127.0.0.1",
                ["REMOTE_HOST"] = "127.0.0.1",
                ["REQUEST_METHOD"] = "GET",
                ["REQUEST_SCHEME"] = "http",
                ["REQUEST_URI"] = "/cgi-bin/%65nv/extra%20path?a=1&b=%2F+c",
                ["SCRIPT_FILENAME"] = _script,
                ["SCRIPT_NAME"] = "/cgi-bin/env",
                ["SERVER_NAME"] = "example.test",
                ["SERVER_PORT"] = $"{server.Port}",
                ["SERVER_PROTOCOL"] = "HTTP/1.1",
                ["SERVER_SOFTWARE"] = BaseHttpRequestHandler.DefaultServerVersion,
            },
            new SortedDictionary<string, string>(variables, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Empty_things_are_empty_and_missing_things_are_missing()
    {
        var variables = await AskAsync("GET /cgi-bin/env HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(("", ""), (variables["QUERY_STRING"], variables["PATH_INFO"]));
        Assert.DoesNotContain(variables.Keys, name => name is "PATH_TRANSLATED" or "CONTENT_LENGTH" or "CONTENT_TYPE" or "AUTH_TYPE" or "REMOTE_USER" or "REMOTE_IDENT" or "HTTPS");
    }

    [Fact]
    public async Task HTTP_1_0_without_a_Host_has_the_servers_name()
    {
        var variables = await AskAsync("GET /cgi-bin/env HTTP/1.0\r\n\r\n");
        Assert.Equal(("HTTP/1.0", "127.0.0.1"), (variables["SERVER_PROTOCOL"], variables["SERVER_NAME"]));
        Assert.DoesNotContain("HTTP_HOST", variables.Keys);
    }

    [Theory]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("test", "test")]
    [InlineData("192.0.2.1:8000", "192.0.2.1")]
    public async Task The_servers_name_is_the_one_it_was_called_by(string host, string name) =>
        Assert.Equal(name, (await AskAsync($"GET /cgi-bin/env HTTP/1.1\r\nHost: {host}\r\n\r\n"))["SERVER_NAME"]);

    [Fact]
    public async Task A_body_has_its_type_and_length_and_no_HTTP_variables_for_them()
    {
        var variables = await AskAsync("POST /cgi-bin/env HTTP/1.1\r\nHost: test\r\nContent-Type: text/x; charset=utf-8\r\nContent-Length: 3\r\n\r\nabc");
        Assert.Equal(("POST", "text/x; charset=utf-8", "3"), (variables["REQUEST_METHOD"], variables["CONTENT_TYPE"], variables["CONTENT_LENGTH"]));
        Assert.DoesNotContain(variables.Keys, name => name is "HTTP_CONTENT_TYPE" or "HTTP_CONTENT_LENGTH");
    }

    [Fact]
    public async Task An_empty_body_has_the_length_0() =>
        Assert.Equal("0", (await AskAsync("POST /cgi-bin/env HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"))["CONTENT_LENGTH"]);

    [Fact]
    public async Task A_chunked_body_has_its_real_length()
    {
        var variables = await AskAsync("POST /cgi-bin/env HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n");
        Assert.Equal("5", variables["CONTENT_LENGTH"]);
        Assert.DoesNotContain(variables.Keys, name => name is "HTTP_TRANSFER_ENCODING" or "HTTP_TRAILER");
    }

    /// <summary>httpoxy: libraries take HTTP_PROXY for the proxy that they have to use.</summary>
    [Theory]
    [InlineData("Proxy: http://evil.test/", "HTTP_PROXY")]
    [InlineData("pROXY: http://evil.test/", "HTTP_PROXY")]
    [InlineData("Authorization: Basic c2VjcmV0", "HTTP_AUTHORIZATION")]
    [InlineData("authorization: Bearer secret", "HTTP_AUTHORIZATION")]
    [InlineData("Proxy-Authorization: Basic c2VjcmV0", "HTTP_PROXY_AUTHORIZATION")]
    [InlineData("Proxy_Authorization: Basic c2VjcmV0", "HTTP_PROXY_AUTHORIZATION")]
    [InlineData("X_Forwarded_For: 192.0.2.9", "HTTP_X_FORWARDED_FOR")]
    [InlineData("Content_Length: 7", "HTTP_CONTENT_LENGTH")]
    [InlineData("X.Dot: 1", "HTTP_X.DOT")]
    [InlineData("X'Quote: 1", "HTTP_X'QUOTE")]
    public async Task Headers_that_deceive_or_tell_secrets_make_no_variable(string header, string variable)
    {
        var response = await _site.GetAsync("/cgi-bin/env", header + "\r\n");
        var variables = CgiSite.ReadEnvironment(response);
        Assert.DoesNotContain(variable, variables.Keys);
        Assert.DoesNotContain(header.Split(": ")[1], variables.Values);
    }

    [Fact]
    public async Task An_underscore_cannot_add_to_a_header_with_a_dash()
    {
        var variables = CgiSite.ReadEnvironment(await _site.GetAsync("/cgi-bin/env", "X_Real_Ip: evil\r\nX-Real-Ip: good\r\nX-Real_Ip: evil\r\n"));
        Assert.Equal("good", variables["HTTP_X_REAL_IP"]);
    }

    [Fact]
    public async Task Repeated_headers_are_joined()
    {
        var variables = CgiSite.ReadEnvironment(await _site.GetAsync("/cgi-bin/env", "Accept: a/b\r\nCookie: a=1\r\naccept: c/d;q=0.5\r\ncookie: b=2\r\n"));
        Assert.Equal(("a/b, c/d;q=0.5", "a=1; b=2"), (variables["HTTP_ACCEPT"], variables["HTTP_COOKIE"]));
    }

    [Fact]
    public async Task UTF_8_stays_what_it_was_on_the_wire()
    {
        var name = System.Text.Encoding.Latin1.GetString("é€😀"u8);
        var variables = await AskAsync($"GET /cgi-bin/env/%C3%A9?é HTTP/1.1\r\nHost: test\r\nX-Name: {name}\r\n\r\n".Replace("?é", "?%C3%A9", StringComparison.Ordinal));
        Assert.Equal(("é€😀", "/é", "%C3%A9"), (variables["HTTP_X_NAME"], variables["PATH_INFO"], variables["QUERY_STRING"]));
    }

    [Theory]
    [InlineData("filter={\"a\":1}&q=<b>")]
    [InlineData("q=\u00c3\u00a9")]
    [InlineData("q=\u00ff\u0080\u00c3")]
    [InlineData("|^`\\[]")]
    public async Task A_query_reaches_a_program_byte_for_byte(string query)
    {
        var response = await _site.GetAsync("/cgi-bin/env?" + query);
        var variables = System.Text.Encoding.Latin1.GetString(response.Body).Split('\n');
        Assert.Contains("QUERY_STRING=" + query, variables);
        Assert.Contains("REQUEST_URI=/cgi-bin/env?" + query, variables);
    }

    [Fact]
    public async Task Shell_characters_reach_a_program_as_they_are()
    {
        var variables = CgiSite.ReadEnvironment(await _site.GetAsync("/cgi-bin/env?$(id);`id`", "User-Agent: () { :;}; echo x\r\n"));
        Assert.Equal(("$(id);`id`", "() { :;}; echo x"), (variables["QUERY_STRING"], variables["HTTP_USER_AGENT"]));
    }

    [Fact]
    public async Task Nothing_else_is_inherited_unless_it_is_configured()
    {
        Environment.SetEnvironmentVariable("HTTPSERVER_TEST_SECRET", "own");
        Assert.DoesNotContain("HTTPSERVER_TEST_SECRET", (await AskAsync("GET /cgi-bin/env HTTP/1.1\r\nHost: test\r\n\r\n")).Keys);
        var server = _site.Serve(handler => handler.CgiEnvironmentVariables = ["HTTPSERVER_TEST_SECRET", "HTTPSERVER_TEST_NONE", "A=b=c", "EMPTY=", "SERVER_NAME=mine"]);
        var variables = CgiSite.ReadEnvironment(await server.GetAsync("/cgi-bin/env"));
        Assert.Equal(("own", "b=c", "", "mine"), (variables["HTTPSERVER_TEST_SECRET"], variables["A"], variables["EMPTY"], variables["SERVER_NAME"]));
        Assert.DoesNotContain("HTTPSERVER_TEST_NONE", variables.Keys);
    }

    [Fact]
    public async Task A_program_finds_programs()
    {
        var variables = await AskAsync("GET /cgi-bin/env HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), variables["PATH"]);
    }

    [Fact]
    public async Task A_program_is_told_who_was_authenticated()
    {
        var server = new RunningServer(() => new Authenticated { Directory = _site.Root });
        await using var _ = server;
        var variables = CgiSite.ReadEnvironment(await server.GetAsync("/cgi-bin/env"));
        Assert.Equal(("Basic", "anna"), (variables["AUTH_TYPE"], variables["REMOTE_USER"]));
    }

    [Fact]
    public async Task A_program_runs_in_its_own_directory()
    {
        _site.Page("cgi-bin/sub/where", "pwd");
        CgiSite.Open(Path.Combine(_site.Root, "cgi-bin", "sub"));
        Assert.Equal(Path.Combine(_site.Root, "cgi-bin", "sub") + "\n", (await _site.GetAsync("/cgi-bin/sub/where")).Text);
    }

    private async Task<Dictionary<string, string>> AskAsync(string request) => CgiSite.ReadEnvironment(await _site.Serve().SendAsync(request));

    private sealed class Authenticated : CgiHttpRequestHandler
    {
        protected override ValueTask RunCgiAsync()
        {
            (AuthType, RemoteUser) = ("Basic", "anna");
            return base.RunCgiAsync();
        }
    }
}
