using System.Text.Json;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class LogTests : IDisposable
{
    private const string Hostile = "/\u001b[31m\"a\\b";

    private readonly TempDirectory _folder = new();
    private readonly TempDirectory _logs = new();

    public LogTests() => _folder.Write("a.txt", "content");

    private string LogFile => Path.Combine(_logs.Path, "access.log");

    public void Dispose()
    {
        _folder.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task Each_request_is_one_line_on_standard_error_in_Pythons_form_without_colour()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path);
        // On one connection: a line is written after its answer, so those of two connections may change places.
        using var client = await program.ConnectAsync();
        foreach (var target in new[] { "/a.txt", "/missing?q" })
        {
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");
            await client.ReadResponseAsync();
        }

        var result = await program.StopAsync();
        Assert.Empty(result.Output);
        Assert.Collection(
            result.ErrorLines,
            line => Assert.Matches(@"^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] ""GET /a\.txt HTTP/1\.1"" 200 -$", line),
            line => Assert.Matches(@"^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] ""GET /missing\?q HTTP/1\.1"" 404 -$", line));
    }

    [Theory]
    [InlineData("-q")]
    [InlineData("--quiet")]
    public async Task Quiet_logs_no_request(string option)
    {
        await using var program = await ServerProgram.ServeAsync("0", option, "-d", _folder.Path);
        await program.GetAsync("/a.txt");
        await program.GetAsync("/missing");
        var result = await program.StopAsync();
        Assert.Equal("", result.Errors);
    }

    [Fact]
    public async Task The_log_goes_to_a_file_in_place_of_standard_error_even_with_quiet_and_is_appended_to()
    {
        foreach (var target in new[] { "/first", "/second" })
        {
            await using var program = await ServerProgram.ServeAsync("0", "-q", "--log", LogFile, "-d", _folder.Path);
            await program.GetAsync(target);
            Assert.Equal("", (await program.StopAsync()).Errors);
        }

        Assert.Collection(
            File.ReadAllLines(LogFile),
            line => Assert.EndsWith("\"GET /first HTTP/1.1\" 404 -", line),
            line => Assert.EndsWith("\"GET /second HTTP/1.1\" 404 -", line));
    }

    [Fact]
    public async Task The_log_can_be_read_while_the_server_runs()
    {
        await using var program = await ServerProgram.ServeAsync("0", "--log", LogFile, "-d", _folder.Path);
        using var reader = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        Assert.Equal("", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_common_form_has_the_zone_and_the_bytes()
    {
        var line = await LogOneAsync("common", "/a.txt", "Referer: http://r/\r\nUser-Agent: agent\r\n");
        Assert.Matches(@"^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ""GET /a\.txt HTTP/1\.1"" 200 7$", line);
    }

    [Fact]
    public async Task The_combined_form_adds_referer_and_user_agent()
    {
        var line = await LogOneAsync("combined", "/a.txt", "Referer: http://r/\r\nUser-Agent: an \"agent\" \\\r\n");
        Assert.Matches(@"^127\.0\.0\.1 - - \[[^]]+ [+-]\d{4}\] ""GET /a\.txt HTTP/1\.1"" 200 7 ""http://r/"" ""an \\""agent\\"" \\\\""$", line);
        Assert.EndsWith(" 200 7 \"-\" \"-\"", await LogOneAsync("combined", "/a.txt"));
    }

    [Fact]
    public async Task The_JSON_form_is_one_object_a_line()
    {
        var line = await LogOneAsync("JSON", "/a.txt", "Referer: http://r/\r\nUser-Agent: an \"agent\" \\\r\n");
        using var json = JsonDocument.Parse(line);
        var entry = json.RootElement;
        Assert.Equal("GET /a.txt HTTP/1.1", entry.GetProperty("request").GetString());
        Assert.Equal("127.0.0.1", entry.GetProperty("client").GetString());
        Assert.Equal(200, entry.GetProperty("status").GetInt32());
        Assert.Equal(7, entry.GetProperty("bytes").GetInt64());
        Assert.Equal("http://r/", entry.GetProperty("referer").GetString());
        Assert.Equal("an \"agent\" \\", entry.GetProperty("userAgent").GetString());
        Assert.Equal(DateTimeKind.Utc, entry.GetProperty("time").GetDateTime().Kind);
        Assert.True(entry.GetProperty("milliseconds").GetDouble() >= 0);
    }

    [Theory]
    [InlineData(null, "\"GET /\\x1b[31m\\\"a\\\\b HTTP/1.1\" 400 -")]
    [InlineData("common", "\"GET /\\x1b[31m\\\"a\\\\b HTTP/1.1\" 400 ")]
    [InlineData("combined", "\"GET /\\x1b[31m\\\"a\\\\b HTTP/1.1\" 400 ")]
    public async Task Control_characters_quotes_and_backslashes_are_escaped(string? format, string expected)
    {
        var line = await LogOneAsync(format, Hostile);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.Contains(expected, line);
    }

    [Fact]
    public async Task Control_characters_and_quotes_are_escaped_in_JSON()
    {
        var line = await LogOneAsync("json", Hostile);
        Assert.DoesNotContain(line, char.IsControl);
        using var json = JsonDocument.Parse(line);
        Assert.Equal($"GET {Hostile} HTTP/1.1", json.RootElement.GetProperty("request").GetString());
        Assert.Equal(400, json.RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_log_format_without_a_file_is_that_of_standard_error()
    {
        await using var program = await ServerProgram.ServeAsync("0", "--log-format", "common", "-d", _folder.Path);
        await program.GetAsync("/a.txt");
        Assert.EndsWith("\"GET /a.txt HTTP/1.1\" 200 7", Assert.Single((await program.StopAsync()).ErrorLines));
    }

    private async Task<string> LogOneAsync(string? format, string target, string headers = "")
    {
        var file = Path.Combine(_logs.Path, Path.GetRandomFileName());
        string[] option = format is null ? [] : ["--log-format", format];
        await using var program = await ServerProgram.ServeAsync(["0", "-b", "127.0.0.1", "--log", file, .. option, "-d", _folder.Path]);
        await program.GetAsync(target, headers);
        await program.StopAsync();
        return Assert.Single(File.ReadAllLines(file));
    }
}
