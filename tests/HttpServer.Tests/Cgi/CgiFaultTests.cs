using System.Net;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>Programs that fail: each cause has its status, and the log tells more than the client.</summary>
public sealed class CgiFaultTests : IAsyncDisposable
{
    private readonly CgiSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("echo 'no header'", 502, "gave no valid header", "without its empty line")]
    [InlineData("printf 'no header\\n\\n'", 502, "this is no header line: no header", "")]
    [InlineData("printf '\\n\\nbody'", 502, "neither Content-Type nor Location nor Status", "")]
    [InlineData("printf 'Content-Type: text/plain\\n'", 502, "a header without its empty line", "")]
    [InlineData("printf 'Status: abc\\n\\n'", 502, "this is no valid Status: abc", "")]
    [InlineData("printf 'Content-Type: text/plain\\nBad Name: x\\n\\n'", 502, "Bad Name: x", "")]
    [InlineData("yes X-Header: x", 502, "a header that does not end", "")]
    [InlineData("exit 0", 502, "printed nothing and ended with exit code 0", "")]
    [InlineData("exit 3", 500, "printed nothing and ended with exit code 3", "")]
    [InlineData("kill -9 $$", 502, "printed nothing and ended with signal 9", "")]
    [InlineData("kill -SEGV $$", 502, "printed nothing and ended with signal 11", "")]
    [InlineData("printf 'Content-Type: text/plain\\n'; kill -9 $$", 502, "a header without its empty line and ended with signal 9", "")]
    [InlineData("printf 'Content-Type: text/plain\\n'; exit 1", 502, "ended with exit code 1", "")]
    public async Task A_program_without_a_valid_header_is_a_bad_gateway_or_an_error(string text, int status, string logged, string orLogged)
    {
        _site.Script("bad", text + "\n");
        var server = _site.Serve();
        var response = await server.GetAsync("/cgi-bin/bad");
        Assert.Equal(status, response.Status);
        Assert.DoesNotContain(_site.Root, response.Text, StringComparison.Ordinal);
        await server.Log.WaitForAsync(log => log.Errors.Any(error => error.StartsWith("CGI /cgi-bin/bad ", StringComparison.Ordinal)
            && (error.Contains(logged, StringComparison.Ordinal) || (orLogged.Length > 0 && error.Contains(orLogged, StringComparison.Ordinal)))));
    }

    [Theory]
    [InlineData("dies", "printf 'Content-Type: text/plain\\n\\n'; kill -9 $$")]
    [InlineData("dies", "printf 'Content-Type: text/plain\\n\\nbegun'; kill -9 $$")]
    [InlineData("dies", "printf 'Content-Type: text/plain\\nContent-Length: 9\\n\\nbegun'; kill -9 $$")]
    [InlineData("dies", "printf 'Content-Type: text/plain\\nContent-Length: 9\\n\\nbegun'")]
    [InlineData("nph-dies", "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nbegun'; kill -9 $$")]
    [InlineData("nph-dies", "exit 0")]
    public async Task What_dies_before_any_of_its_answer_has_left_is_a_bad_gateway_and_else_is_cut_after_that(string name, string program)
    {
        _site.Script(name, program);
        var server = _site.Serve();
        for (var count = 0; count < 10; count++)
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync($"GET /cgi-bin/{name} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            var answer = System.Text.Encoding.Latin1.GetString(await client.ReadToEndAsync());
            // Which of the two it is depends on how soon the program is gone; it is never nothing, and never seems whole.
            if (answer.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", StringComparison.Ordinal))
                continue;
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("\r\n0\r\n\r\n", answer, StringComparison.Ordinal);
            Assert.True(answer.EndsWith("\r\n\r\n", StringComparison.Ordinal) || answer.TrimEnd().EndsWith("begun", StringComparison.Ordinal), answer);
        }
    }

    [Fact]
    public async Task A_program_that_dies_in_the_middle_breaks_its_answer_off()
    {
        _site.Page("dies", "head -c 100000 /dev/zero; kill -9 $$");
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/dies HTTP/1.1\r\nHost: test\r\n\r\n");
        await Assert.ThrowsAsync<EndOfStreamException>(() => client.ReadResponseAsync());
        await server.Log.WaitForAsync(log => log.Errors.Any(error => error == "CGI /cgi-bin/dies was ended by signal 9"));
    }

    [Fact]
    public async Task An_exit_code_after_a_whole_answer_is_the_programs_own_affair()
    {
        var response = await _site.RunAsync("printf 'Content-Type: text/plain\\n\\nbody'; exit 1");
        Assert.Equal((200, "body"), (response.Status, response.Text));
    }

    [Theory]
    [InlineData("#!/bin/sh\necho\n", UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, "not executable")]
    [InlineData("#!/no/such/interpreter\n", (UnixFileMode)0b111_101_101, "cannot be started")]
    [InlineData("no interpreter line\n", (UnixFileMode)0b111_101_101, "neither a binary nor a script")]
    [InlineData("", (UnixFileMode)0b111_101_101, "neither a binary nor a script")]
    public async Task What_cannot_be_started_is_forbidden(string content, UnixFileMode mode, string logged)
    {
        var path = _site.Write("cgi-bin/cannot", content);
        CgiSite.SetMode(path, mode);
        var server = _site.Serve();
        Assert.Equal(403, (await server.GetAsync("/cgi-bin/cannot")).Status);
        if (!CgiSite.IsRoot || !logged.Contains("started", StringComparison.Ordinal))
            Assert.Contains(server.Log.Errors, error => error.Contains(logged, StringComparison.Ordinal));
        else
            Assert.Contains(server.Log.Errors, error => error.StartsWith("CGI /cgi-bin/cannot: setpriv: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_interpreter_that_is_not_there_is_a_start_problem()
    {
        _site.Script("cannot", "#!/usr/bin/env no-such-interpreter\n");
        var server = _site.Serve();
        Assert.Equal(403, (await server.GetAsync("/cgi-bin/cannot")).Status);
        Assert.Contains(server.Log.Errors, error => error.Contains("no-such-interpreter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Standard_error_is_logged_line_by_line()
    {
        _site.Page("complains", "echo 'first: a problem' >&2; printf 'second\\r\\n' >&2; echo body; printf 'last {0} without an end' >&2");
        var server = _site.Serve();
        Assert.Equal("body\n", (await server.GetAsync("/cgi-bin/complains")).Text);
        Assert.Equal(
            ["CGI /cgi-bin/complains: first: a problem", "CGI /cgi-bin/complains: second", "CGI /cgi-bin/complains: last {0} without an end"],
            server.Log.Errors);
    }

    [Fact]
    public async Task A_programs_words_cannot_forge_log_lines()
    {
        _site.Page("forges", "printf 'a\\033[2Jb\\rc\\302\\205d\\377\\n' >&2; echo body");
        var path = Path.Combine(_site.Home, "log");
        using (var log = new TextLog(File.Create(path)))
        await using (var server = new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), () => new CgiHttpRequestHandler { Directory = _site.Root }, new() { Log = log }))
        {
            var serving = server.ServeForeverAsync(CancellationToken.None);
            using (var client = await RawClient.ConnectAsync(server.ServerPort))
            {
                await client.SendAsync("GET /cgi-bin/forges HTTP/1.0\r\n\r\n");
                Assert.Equal("body\n", (await client.ReadResponseAsync()).Text);
            }

            await server.ShutdownAsync(TimeSpan.FromSeconds(30));
            await serving;
        }

        var line = Assert.Single(File.ReadLines(path), line => line.Contains("forges: ", StringComparison.Ordinal));
        Assert.Contains("a\\x1b[2Jb\\x0dc\\x85d", line.Replace("\\u0085", "\\x85", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Much_on_standard_error_blocks_nothing()
    {
        _site.Page("floods", "head -c 1000000 /dev/zero | tr '\\0' x >&2; echo body");
        var server = _site.Serve();
        Assert.Equal("body\n", (await server.GetAsync("/cgi-bin/floods")).Text);
        Assert.Equal(1_000_000, server.Log.Errors.Sum(error => error.Count(c => c == 'x')));
    }

    [Fact]
    public async Task What_is_said_before_the_end_is_logged_also_if_the_answer_is_not_valid()
    {
        Tool.Require("python3", "python3");
        _site.Script("traceback", "#!/usr/bin/env python3\nraise ValueError('broken')\n");
        var server = _site.Serve();
        Assert.Equal(500, (await server.GetAsync("/cgi-bin/traceback")).Status);
        Assert.Contains(server.Log.Errors, error => error == "CGI /cgi-bin/traceback: ValueError: broken");
    }

    [Theory]
    [InlineData("stderr", "")]
    [InlineData("stdout", "named\n")]
    public async Task The_streams_can_be_opened_by_name(string name, string expected)
    {
        _site.Page("named", $"echo named > /dev/{name}");
        var server = _site.Serve();
        Assert.Equal(expected, (await server.GetAsync("/cgi-bin/named")).Text);
        Assert.Equal(name == "stderr" ? ["CGI /cgi-bin/named: named"] : [], server.Log.Errors);
    }

    [Fact]
    public async Task Standard_input_can_be_opened_by_name()
    {
        _site.Page("named", "cat /dev/stdin");
        var response = await _site.Serve().SendAsync("POST /cgi-bin/named HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody");
        Assert.Equal("body", response.Text);
    }
}
