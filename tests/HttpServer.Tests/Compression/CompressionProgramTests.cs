using Http.Server.Tests.Support;

namespace Http.Server.Tests.Compression;

/// <summary>Compressed answers as other programs read and write them.</summary>
public sealed class CompressionProgramTests : IAsyncDisposable
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 2000).Select(number => $"line {number}\n"));
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;

    public CompressionProgramTests()
    {
        _directory.Write("site/small.txt", Text);
        _directory.Write("site/big.txt", string.Concat(Enumerable.Repeat(Text, 50)));
        _server = RunningServer.OfDirectory(Path.Combine(_directory.Path, "site"));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("/small.txt")]
    [InlineData("/big.txt")]
    public async Task Curl_reads_what_it_asked_for(string target)
    {
        var curl = Tool.Require("curl", "curl");
        foreach (var accept in new[] { "gzip", "br", null })
        {
            var saved = Path.Combine(_directory.Path, "answer");
            string[] header = accept is null ? [] : ["-H", $"Accept-Encoding: {accept}"];
            var (exitCode, output, errors) = await Tool.RunAsync(curl, ["-q", "-sS", "--max-time", "60", "--noproxy", "*", "--compressed", .. header, "-o", saved, "-w", "%header{content-encoding}", _server.Url + target]);
            // A curl that was built without brotli cannot read what it was made to ask for.
            if (accept == "br" && exitCode == 61)
                continue;
            Assert.True(exitCode == 0, errors);
            Assert.True(output is "gzip" or "br", output);
            Assert.Equal(File.ReadAllText(Path.Combine(_directory.Path, "site") + target), File.ReadAllText(saved));
        }
    }

    [Theory]
    [InlineData("/small.txt")]
    [InlineData("/big.txt")]
    public async Task Python_reads_gzip(string target)
    {
        var python = Tool.Require("python3", "python3");
        const string Script =
            """
            import gzip, sys, urllib.request
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            answer = opener.open(urllib.request.Request(sys.argv[1], headers={'Accept-Encoding': 'gzip'}))
            assert answer.headers['Content-Encoding'] == 'gzip'
            sys.stdout.write(gzip.decompress(answer.read()).decode())
            """;
        var (exitCode, output, errors) = await Tool.RunAsync(python, "-c", Script, _server.Url + target);
        Assert.True(exitCode == 0, errors);
        Assert.Equal(File.ReadAllText(Path.Combine(_directory.Path, "site") + target), output);
    }

    [Theory]
    [InlineData("gzip", "gzip", "-k -9", "gz", "gzip")]
    [InlineData("brotli", "brotli", "-k", "br", "br")]
    [InlineData("zstd", "zstd", "-q -19", "zst", "zstd")]
    public async Task Files_that_other_programs_compressed_are_sent_with_their_times_untouched(string program, string package, string options, string extension, string coding)
    {
        program = Tool.Require(program, package);
        var path = _directory.Write("site/pre.txt", Text, TimeSpan.FromDays(1));
        var (exitCode, _, errors) = await Tool.RunAsync(program, [.. options.Split(' '), path]);
        Assert.True(exitCode == 0, errors);
        var answer = await _server.GetAsync("/pre.txt", $"Accept-Encoding: {coding}\r\n");
        Assert.Equal(coding, answer["Content-Encoding"]);
        Assert.Equal(File.ReadAllBytes($"{path}.{extension}"), answer.Body);
    }

    [Fact]
    public async Task A_broken_download_of_the_compressed_bytes_is_resumed()
    {
        var curl = Tool.Require("curl", "curl");
        var saved = Path.Combine(_directory.Path, "part.gz");
        await _server.StrongTagAsync("/small.txt", "Accept-Encoding: gzip\r\n");
        var whole = await _server.GetAsync("/small.txt", "Accept-Encoding: gzip\r\n");
        File.WriteAllBytes(saved, whole.Body[..100]);
        var (exitCode, output, errors) = await Tool.RunAsync(curl, "-q", "-sS", "--max-time", "60", "--noproxy", "*", "-C", "-", "-H", "Accept-Encoding: gzip", "-H", $"If-Range: {whole["ETag"]}", "-o", saved, "-w", "%{http_code}", _server.Url + "/small.txt");
        Assert.True(exitCode == 0, errors);
        Assert.Equal("206", output);
        Assert.Equal(Text, System.Text.Encoding.UTF8.GetString(Decoding.Decode("gzip", File.ReadAllBytes(saved))));
    }
}
