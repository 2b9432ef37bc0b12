using System.Diagnostics;
using System.Reflection;
using System.Text;
using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

public sealed class AllocationTests : IDisposable
{
    private const int WarmUp = 200;
    private const int Requests = 2_000;
    private const long MaxBytesPerRequest = 200;

    private readonly TempDirectory _directory = new();

    public AllocationTests()
    {
        _directory.Write("small.txt", new string('s', 1024));
        _directory.Write("site/index.html", new string('i', 1024));
        _directory.Write("page.html", new string('p', 8192));
        _directory.Write("app.js", new string('a', 8192));
        _directory.Write("app.js.br", new string('b', 1000));
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("GET /small.txt", "", 200)]
    [InlineData("GET /site/?a=b", "", 200)]
    [InlineData("HEAD /small.txt", "", 200)]
    [InlineData("GET /small.txt", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n", 304)]
    [InlineData("GET /small.txt", "If-None-Match: \"other\", *\r\n", 200)]
    [InlineData("GET /small.txt", "If-None-Match: *\r\n", 304)]
    [InlineData("GET /page.html", "", 200)]
    [InlineData("GET /page.html", "Accept-Encoding: gzip, deflate, br, zstd\r\n", 200, "br")]
    [InlineData("GET /page.html", "Accept-Encoding: gzip\r\n", 200, "gzip")]
    [InlineData("GET /page.html", "Accept-Encoding: gzip\r\nIf-None-Match: *\r\n", 304)]
    [InlineData("GET /app.js", "Accept-Encoding: gzip, deflate, br, zstd\r\n", 200, "br")]
    [InlineData("GET /small.txt", "Accept-Encoding: gzip, deflate, br, zstd\r\n", 200)]
    public void A_request_on_a_kept_connection_for_a_settled_file_allocates_at_most_200_bytes(string requestLine, string headers, int status, string? coding = null)
    {
        SkipWhereItMeansNothing();
        using var connection = new RepeatingConnection(
            new SimpleHttpRequestHandler { Directory = _directory.Path },
            $"{requestLine} HTTP/1.1\r\nHost: localhost:8000\r\nUser-Agent: test\r\nAccept: */*\r\n{headers}\r\n",
            new LaterTimeProvider(TimeSpan.FromHours(1)));

        var perRequest = MeasureBytesPerRequest(connection);

        Assert.StartsWith($"HTTP/1.1 {status} ", Encoding.Latin1.GetString(connection.Client.LastAnswer), StringComparison.Ordinal);
        Assert.Equal(coding is null ? [] : [$"Content-Encoding: {coding}"],
            Encoding.Latin1.GetString(connection.Client.LastAnswer).Split("\r\n").Where(static line => line.StartsWith("Content-Encoding", StringComparison.Ordinal)));
        Assert.False(connection.IsClosing);
        Assert.Equal(WarmUp + Requests, connection.Client.Requests);
        Assert.True(perRequest <= MaxBytesPerRequest, $"A request allocated {perRequest:F1} bytes, more than {MaxBytesPerRequest}.");
    }

    /// <summary>Counts what this thread allocates; <see cref="RepeatingConnection.ServeOne"/> sees to it that no other one takes part.</summary>
    private static double MeasureBytesPerRequest(RepeatingConnection connection)
    {
        for (var count = 0; count < WarmUp; count++)
            connection.ServeOne();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < Requests; count++)
            connection.ServeOne();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Requests;
    }

    private static void SkipWhereItMeansNothing()
    {
        // The state machine of an async method is a class in a Debug build: each call allocates one, as no release does.
        var debugging = typeof(SimpleHttpRequestHandler).Assembly.GetCustomAttribute<DebuggableAttribute>();
        Assert.SkipWhen(debugging is { IsJITOptimizerDisabled: true }, "The library is not optimized: run the tests with -c Release.");
        Assert.SkipUnless(CachedContent.IsPossible, "This system's file stamps are too coarse to keep content by, so each request opens its file.");
    }
}
