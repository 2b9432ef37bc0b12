using System.Globalization;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>The server as a real client sees it.</summary>
public sealed class ClientProgramTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _curl = Tool.Require("curl", "curl");
    private readonly RunningServer _server;
    private readonly string _content = string.Concat(Enumerable.Range(0, 100_000).Select(number => number.ToString("D6", CultureInfo.InvariantCulture)));

    public ClientProgramTests()
    {
        _directory.Write("secret.txt", "SECRET");
        _directory.Write("site/large.txt", _content);
        _directory.Write("site/sub/b.txt", "b");
        File.SetLastWriteTimeUtc(Path.Combine(_directory.Path, "site", "large.txt"), new DateTime(2020, 6, 1, 12, 0, 0, DateTimeKind.Utc));
        // Time goes on for the files: the ETag of one that was written just now matches nothing.
        _server = RunningServer.OfDirectory(Path.Combine(_directory.Path, "site"), options: new() { TimeProvider = new StandingTimeProvider() });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("/../secret.txt", "400")]
    [InlineData("/sub/../../secret.txt", "400")]
    [InlineData("/%2e%2e/secret.txt", "400")]
    [InlineData("/..%2fsecret.txt", "404")]
    [InlineData("/..%5csecret.txt", "404")]
    [InlineData("/..\\secret.txt", "404")]
    [InlineData("/sub/../sub/b.txt", "200")]
    public async Task A_path_sent_as_it_is_does_not_leave_the_root(string path, string status)
    {
        var output = await CurlAsync("--path-as-is", "--globoff", "-w", "\n%{http_code}", _server.Url + path);
        Assert.EndsWith("\n" + status, output, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_download_is_resumed()
    {
        var partial = _directory.Write("partial.txt", _content[..123_456]);
        Assert.Equal("206", await CurlAsync("-C", "-", "-o", partial, "-w", "%{http_code}", _server.Url + "/large.txt"));
        Assert.Equal(_content, await File.ReadAllTextAsync(partial, TestContext.Current.CancellationToken));
        // Nothing is left to load: 416 with the length, which curl takes for success.
        Assert.Equal("416", await CurlAsync("-C", "-", "-o", partial, "-w", "%{http_code}", _server.Url + "/large.txt"));
        Assert.Equal(_content, await File.ReadAllTextAsync(partial, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_head_is_shown_with_its_length()
    {
        var head = await CurlAsync("-I", _server.Url + "/large.txt");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 600000\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Accept-Ranges: bytes\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Last-Modified: Mon, 01 Jun 2020 12:00:00 GMT\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_is_not_implemented_whether_or_not_the_client_waits_for_100()
    {
        var file = _directory.Write("upload.txt", new string('x', 2_000_000));
        foreach (var expect in new[] { "Expect: 100-continue", "Expect:" })
            Assert.Equal("501", await CurlAsync("-T", file, "-H", expect, "-o", Path.Combine(_directory.Path, "answer"), "-w", "%{http_code}", _server.Url + "/new.txt"));
        Assert.Equal("501", await CurlAsync("-T", file, "-H", "Transfer-Encoding: chunked", "-o", Path.Combine(_directory.Path, "answer"), "-w", "%{http_code}", _server.Url + "/new.txt"));
        Assert.False(File.Exists(Path.Combine(_directory.Path, "site", "new.txt")));
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_everything()
    {
        Assert.Equal(_content, await CurlAsync("--http1.0", _server.Url + "/large.txt"));
        Assert.Equal("b", await CurlAsync("--http1.0", "-L", _server.Url + "/sub/b.txt"));
    }

    [Theory]
    [InlineData("1 Jun 2020 12:00:00 GMT", "304")]
    [InlineData("2 Jun 2020", "304")]
    [InlineData("31 May 2020", "200")]
    [InlineData("-31 May 2020", "412")]
    [InlineData("-2 Jun 2020", "200")]
    public async Task A_date_as_condition_is_obeyed(string date, string status) =>
        Assert.Equal(status, await CurlAsync("-z", date, "-o", Path.Combine(_directory.Path, "answer"), "-w", "%{http_code}", _server.Url + "/large.txt"));

    [Fact]
    public async Task A_validator_is_saved_and_compared()
    {
        var saved = Path.Combine(_directory.Path, "etag");
        Assert.Equal(_content, await CurlAsync("--etag-save", saved, _server.Url + "/large.txt"));
        Assert.Equal("304", await CurlAsync("--etag-compare", saved, "-w", "%{http_code}", _server.Url + "/large.txt"));
    }

    [Fact]
    public async Task A_redirect_is_followed_on_the_same_connection()
    {
        var output = await CurlAsync("-L", "-w", "%{url_effective} %{num_connects}", "-o", Path.Combine(_directory.Path, "answer"), _server.Url + "/sub?x=1");
        Assert.Equal($"{_server.Url}/sub/?x=1 1", output);
    }

    [Fact]
    public async Task Ranges_are_taken_by_the_client()
    {
        Assert.Equal(_content[100..200], await CurlAsync("-r", "100-199", _server.Url + "/large.txt"));
        Assert.Equal(_content[^50..], await CurlAsync("-r", "-50", _server.Url + "/large.txt"));
        var parts = await CurlAsync("-r", "0-5,12-17", _server.Url + "/large.txt");
        Assert.Contains("\r\n\r\n000000\r\n--", parts, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\n000002\r\n--", parts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_and_their_times_arrive_with_a_hostile_name()
    {
        foreach (var name in HostileNames.All.Where(name => name.Length < 100))
        {
            _directory.Write("site/names/" + name, "content of " + name);
            Assert.Equal("content of " + name, await CurlAsync("--globoff", $"{_server.Url}/names/{Uri.EscapeDataString(name)}"));
        }
    }

    private async Task<string> CurlAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await Tool.RunAsync(_curl, ["-q", "-sS", "--max-time", "60", "--noproxy", "*", .. arguments]);
        Assert.True(exitCode == 0, $"curl {string.Join(' ', arguments)} ended with {exitCode}: {errors}");
        return output;
    }
}
