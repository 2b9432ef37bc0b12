using BenchmarkDotNet.Attributes;
using Http.Server.Tests.Support;

namespace Http.Server.Benchmarks.Micro;

/// <summary>Writing the head of an answer: a status line and eight headers, each checked.</summary>
[MemoryDiagnoser]
public class ResponseHeadBenchmarks
{
    private readonly HeadWriter _writer = new();
    private RepeatingConnection _connection = null!;

    [GlobalSetup]
    public void Open() => _connection = new RepeatingConnection(_writer, SampleHeads.Wrk("/"));

    [GlobalCleanup]
    public void Close() => _connection.Dispose();

    [Benchmark]
    public int WriteHead() => _writer.WriteHead();
}
