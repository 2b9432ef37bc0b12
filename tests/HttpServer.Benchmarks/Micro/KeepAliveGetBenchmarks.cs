using System.Text;
using BenchmarkDotNet.Attributes;
using Http.Server.Tests.Support;

namespace Http.Server.Benchmarks.Micro;

/// <summary>
/// A whole request on a kept connection, from the first byte of its head to the last of the answer, for a file of 1 KiB: all that the
/// server does but the socket's part. What it allocates is what a request costs the collector.
/// </summary>
[MemoryDiagnoser]
public class KeepAliveGetBenchmarks
{
    private string _directory = "";
    private RepeatingConnection _wrk = null!;
    private RepeatingConnection _chrome = null!;
    private RepeatingConnection _unchanged = null!;
    private RepeatingConnection _page = null!;
    private RepeatingConnection _gzip = null!;
    private RepeatingConnection _precompressed = null!;

    [GlobalSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("httpserver-micro-").FullName;
        File.WriteAllText(Path.Combine(_directory, "small.txt"), new string('s', 1024));
        // Of letters that compress to a quarter or so, as pages do.
        var random = new Random(1);
        var page = string.Create(8192, random, static (span, random) =>
        {
            for (var at = 0; at < span.Length; at++)
                span[at] = "etaoin "[random.Next(7)];
        });
        File.WriteAllText(Path.Combine(_directory, "page.html"), page);
        File.WriteAllText(Path.Combine(_directory, "app.js"), page);
        File.WriteAllText(Path.Combine(_directory, "app.js.br"), new string('b', 2048));
        _page = Connect(SampleHeads.Wrk("/page.html"), 200);
        _gzip = Connect(Compressed("/page.html", "gzip"), 200);
        _precompressed = Connect(Compressed("/app.js", "br"), 200);
        _wrk = Connect(SampleHeads.Wrk("/small.txt"), 200);
        _chrome = Connect(SampleHeads.Chrome("/small.txt"), 200);
        _unchanged = Connect(SampleHeads.Wrk("/small.txt").Replace("\r\n\r\n", "\r\nIf-None-Match: *\r\n\r\n", StringComparison.Ordinal), 304);
    }

    [GlobalCleanup]
    public void Close()
    {
        _wrk.Dispose();
        _chrome.Dispose();
        _unchanged.Dispose();
        _page.Dispose();
        _gzip.Dispose();
        _precompressed.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public void Wrk() => _wrk.ServeOne();

    [Benchmark]
    public void Chrome() => _chrome.ServeOne();

    [Benchmark]
    public void NotModified() => _unchanged.ServeOne();

    /// <summary>8 KiB as they are, to compare the following two with.</summary>
    [Benchmark]
    public void Page() => _page.ServeOne();

    /// <summary>The same page, compressed once and kept.</summary>
    [Benchmark]
    public void Gzip() => _gzip.ServeOne();

    /// <summary>A compressed file beside the one that is asked for.</summary>
    [Benchmark]
    public void Precompressed() => _precompressed.ServeOne();

    private static string Compressed(string target, string coding) =>
        SampleHeads.Wrk(target).Replace("\r\n\r\n", $"\r\nAccept-Encoding: {coding}\r\n\r\n", StringComparison.Ordinal);

    private RepeatingConnection Connect(string request, int status)
    {
        // A file that was changed just now is not kept in memory, so the server's clock runs an hour ahead of the file's.
        var connection = new RepeatingConnection(
            new SimpleHttpRequestHandler { Directory = _directory }, request, new LaterTimeProvider(TimeSpan.FromHours(1)));
        connection.ServeOne();
        var answer = Encoding.Latin1.GetString(connection.Client.LastAnswer);
        return answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal)
            ? connection
            : throw new InvalidOperationException($"The answer is not a {status}: {answer}");
    }
}
