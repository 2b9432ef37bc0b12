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

    [GlobalSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("httpserver-micro-").FullName;
        File.WriteAllText(Path.Combine(_directory, "small.txt"), new string('s', 1024));
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
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public void Wrk() => _wrk.ServeOne();

    [Benchmark]
    public void Chrome() => _chrome.ServeOne();

    [Benchmark]
    public void NotModified() => _unchanged.ServeOne();

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
