using System.Text;
using BenchmarkDotNet.Attributes;
using Http.Server.Protocol;

namespace Http.Server.Benchmarks.Micro;

/// <summary>Making the canonical path of a request target, as happens for each target that the server does not remember.</summary>
[MemoryDiagnoser]
public class UrlPathBenchmarks
{
    private readonly byte[] _plain = Encoding.ASCII.GetBytes("/docs/guide/index.html");
    private readonly byte[] _encoded = Encoding.ASCII.GetBytes("/docs/./a%20b/%C3%BCber/../r%c3%a9sum%c3%a9%20(1).html?q=1%202");

    [Benchmark(Baseline = true)]
    public bool Plain() => Parse(_plain);

    [Benchmark]
    public bool Encoded() => Parse(_encoded);

    private static bool Parse(byte[] target) => UrlPath.TryParse(target, windowsRules: false, out var path) == UrlPathFault.None
        ? path!.HasTrailingSlash
        : throw new InvalidOperationException("The sample target is refused.");
}
