using System.Globalization;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Uploads;

/// <summary>Uploads as curl does them.</summary>
public sealed class UploadClientTests : IAsyncDisposable
{
    private readonly UploadSite _site = new();
    private readonly TempDirectory _directory = new();
    private readonly string _curl = Tool.Require("curl", "curl");

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_file_is_sent_with_its_name_or_another()
    {
        var server = _site.Serve();
        var file = WriteLarge("ü large.bin", out var bytes);
        Assert.Equal("201", await CurlAsync("-T", file, $"{server.Url}/sub/"));
        Assert.Equal("201", await CurlAsync("-T", file, $"{server.Url}/sub/other"));
        Assert.Equal("201", await CurlAsync("--http1.0", "-T", file, $"{server.Url}/sub/old"));
        foreach (var name in new[] { "ü large.bin", "other", "old" })
            Assert.Equal(bytes, await File.ReadAllBytesAsync(_site.PathOf("sub/" + name), TestContext.Current.CancellationToken));
        Assert.Equal("409", await CurlAsync("-T", file, $"{server.Url}/sub/other"));
        Assert.Equal("412", await CurlAsync("-T", file, "-H", "If-None-Match: *", $"{server.Url}/sub/other"));
        Assert.Equal("409", await CurlAsync("-T", file, $"{server.Url}/new/"));
    }

    [Fact]
    public async Task A_stream_of_unknown_length_is_stored()
    {
        var server = _site.Serve();
        var file = WriteLarge("large.bin", out var bytes);
        var (exitCode, output, errors) = await Tool.RunAsync("/bin/sh", "-c", $"\"$0\" -q -sS --max-time 60 --noproxy '*' -w '%{{http_code}}' -o /dev/null -T - {server.Url}/streamed < \"$1\"", _curl, file);
        Assert.True(exitCode == 0 && output == "201", output + errors);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_site.PathOf("streamed"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Several_files_are_sent_as_a_form()
    {
        var server = _site.Serve();
        var file = WriteLarge("large.bin", out var bytes);
        var small = _directory.Write("small.txt", "small");
        foreach (var (framing, name) in new[] { ("X-None: 1", "a"), ("Transfer-Encoding: chunked", "b"), ("Expect: 100-continue", "c") })
        {
            Assert.Equal("201", await CurlAsync("-H", framing, "-F", "note=x", "-F", $"file=@{file};filename=large-{name}", "-F", $"file=@{small};filename=../small-{name}", $"{server.Url}/sub/"));
            Assert.Equal(bytes, await File.ReadAllBytesAsync(_site.PathOf($"sub/large-{name}"), TestContext.Current.CancellationToken));
            Assert.Equal("small", _site.Read($"sub/small-{name}"));
        }

        Assert.Equal("303", await CurlAsync("-H", "Accept: text/html", "-F", $"file=@{small}", $"{server.Url}/sub/"));
        Assert.Equal("409", await CurlAsync("-F", $"file=@{file}", "-F", $"file=@{small}", $"{server.Url}/sub/"));
        Assert.DoesNotContain("sub/large.bin", _site.Entries);
    }

    [Fact]
    public async Task What_is_too_large_is_not_even_sent()
    {
        var server = _site.Serve(options: new() { MaxRequestBodySize = 1_000_000 });
        var file = WriteLarge("large.bin", out _);
        Assert.Equal("413 0", await CurlAsync("-T", file, "-w", "%{http_code} %{size_upload}", $"{server.Url}/large"));
        Assert.Equal("413", await CurlAsync("-T", file, "-H", "Transfer-Encoding: chunked", $"{server.Url}/large"));
        await server.Log.WaitForAsync(log => log.Requests.Count == 2);
        Assert.Equal(["sub"], _site.Entries);
    }

    [Fact]
    public async Task A_client_that_is_killed_leaves_nothing()
    {
        var server = _site.Serve();
        var file = WriteLarge("large.bin", out _);
        var (exitCode, _, _) = await Tool.RunAsync(_curl, "-q", "-sS", "--noproxy", "*", "--limit-rate", "200k", "--max-time", "1", "-T", file, $"{server.Url}/large");
        Assert.Equal(28, exitCode);
        await server.Log.WaitForAsync(log => !log.Requests.IsEmpty);
        Assert.Equal(["sub"], _site.Entries);
    }

    private string WriteLarge(string name, out byte[] bytes)
    {
        bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 300_000).Select(number => number.ToString("D8", CultureInfo.InvariantCulture))));
        var path = Path.Combine(_directory.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private async Task<string> CurlAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await Tool.RunAsync(
            _curl, ["-q", "-sS", "--max-time", "60", "--noproxy", "*", "-o", Path.Combine(_directory.Path, "answer"), "-w", "%{http_code}", .. arguments]);
        Assert.True(exitCode == 0, $"curl {string.Join(' ', arguments)} ended with {exitCode}: {errors}");
        return output;
    }
}
