namespace Http.Server.Benchmarks.Load;

/// <summary>The scenarios that there are.</summary>
internal static class ScenarioTable
{
    public const string Startup = "startup";
    public const string HostStart = "hoststart";
    public const string HostMemory = "hostmemory";
    public const string Log = "log";
    public const string Idle = "idle";
    public const string Mixed = "mixed";

    /// <summary>A small file on kept connections: what a server does most of the time.</summary>
    public static Scenario Small { get; } = new("small", new WrkDriver(64), "/small.txt", SampleTree.SmallSize);

    /// <summary>Those in which all servers are compared.</summary>
    public static IReadOnlyList<Scenario> Compared { get; } =
    [
        Small,
        new("index", new WrkDriver(64), "/", SampleTree.SmallSize),
        new("c512", new WrkDriver(512), "/small.txt", SampleTree.SmallSize),
        new("304", new WrkDriver(64), "/small.txt", 0) { Status = 304, Header = $"If-Modified-Since: {SampleTree.ModifiedHeader}" },
        new("mid100k", new WrkDriver(64), "/mid.bin", SampleTree.MidSize),
        new("text16k", new WrkDriver(64), "/text.txt", SampleTree.TextSize),
        new("gzip16k", new WrkDriver(64), "/text.txt", 1024) { Header = "Accept-Encoding: gzip" },
        new("tls", new WrkDriver(64), "/small.txt", SampleTree.SmallSize) { IsSecure = true },
        new("listing", new WrkDriver(16), "/list/", SampleTree.ListedFiles * "file-000.txt".Length),
        new("close", new ApacheBenchDriver(requests: 3000, connections: 32), "/small.txt", SampleTree.SmallSize),
        new("big", new CurlDriver(), "/big.bin", SampleTree.BigSize),
        new("cgi", new ApacheBenchDriver(requests: 300, connections: 8), "/cgi-bin/hello.sh", SampleTree.HelloSize) { NeedsPrograms = true },
        new("script", new WrkDriver(64), "/script", "hello".Length) { NeedsScripts = true },
        new("scriptjson", new WrkDriver(64), "/scriptjson", """{"a":1}""".Length) { NeedsScripts = true },
        new("scriptglobal", new WrkDriver(64), "/scriptglobal", "hello".Length) { NeedsScripts = true },
        new("scriptguarded", new WrkDriver(64), "/scriptguarded/1?Kind=b", "hello".Length)
        {
            NeedsScripts = true,
            Header = "Authorization: Bearer key",
        },
        // A file of the same server: what a scriptblock costs beyond the answering of a request.
        new("scriptfile", new WrkDriver(64), "/small.txt", SampleTree.SmallSize) { NeedsScripts = true },
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Compared.Select(scenario => scenario.Name), Startup, HostStart, HostMemory, Log, Idle, Mixed];
}
