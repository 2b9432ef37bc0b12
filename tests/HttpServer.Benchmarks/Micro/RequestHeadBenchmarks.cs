using System.Text;
using BenchmarkDotNet.Attributes;
using Http.Server.Protocol;

namespace Http.Server.Benchmarks.Micro;

/// <summary>Reading a request head that has arrived whole.</summary>
[MemoryDiagnoser]
public class RequestHeadBenchmarks
{
    private readonly byte[] _wrk = Encoding.ASCII.GetBytes(SampleHeads.Wrk("/small.txt"));
    private readonly byte[] _chrome = Encoding.ASCII.GetBytes(SampleHeads.Chrome("/docs/guide/index.html?section=2"));
    private readonly RequestHead _head = new();
    private readonly HeadLimits _limits;

    public RequestHeadBenchmarks()
    {
        var options = new HttpServerOptions();
        _limits = new HeadLimits(options.MaxRequestLineLength, options.MaxHeaderBytes, options.MaxHeaderCount);
    }

    [Benchmark(Baseline = true)]
    public int Wrk() => Parse(_wrk);

    [Benchmark]
    public int Chrome() => Parse(_chrome);

    private int Parse(byte[] bytes)
    {
        _head.Reset();
        return RequestHeadParser.Parse(bytes, _limits, _head) == HeadStatus.Complete
            ? _head.HeaderCount
            : throw new InvalidOperationException("The sample head is not read as a whole one.");
    }
}
