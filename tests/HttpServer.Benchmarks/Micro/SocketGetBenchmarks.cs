using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;
using Http.Server.Tests.Support;

namespace Http.Server.Benchmarks.Micro;

/// <summary>
/// The request of <see cref="KeepAliveGetBenchmarks"/> over a real socket, where the server has to wait for each: what it allocates on
/// all its threads. The client waits for its answer too, so the time is that of a round trip, not what the server could do.
/// </summary>
[MemoryDiagnoser]
public class SocketGetBenchmarks
{
    private readonly byte[] _request = Encoding.ASCII.GetBytes(SampleHeads.Wrk("/small.txt"));
    private readonly byte[] _answer = new byte[4096];
    private string _directory = "";
    private ThreadingHttpServer _server = null!;
    private Task _serving = Task.CompletedTask;
    private Socket _client = null!;
    private int _answerLength;

    [GlobalSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("httpserver-micro-").FullName;
        File.WriteAllText(Path.Combine(_directory, "small.txt"), new string('s', 1024));
        var options = new HttpServerOptions { Log = NullLog.Instance, TimeProvider = new LaterTimeProvider(TimeSpan.FromHours(1)) };
        _server = new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), () => new SimpleHttpRequestHandler { Directory = _directory }, options);
        _serving = _server.ServeForeverAsync();
        _client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // Not asynchronously: from then on each wait of the client's would allocate and be counted here.
        _client.Connect(_server.EndPoints[0]);
        // A small answer comes in one piece; the others will be as long as the first.
        _client.Send(_request);
        _answerLength = _client.Receive(_answer);
        if (!_answer.AsSpan().StartsWith("HTTP/1.1 200 "u8) || _answerLength < 1024)
            throw new InvalidOperationException($"The answer is wrong: {Encoding.Latin1.GetString(_answer, 0, _answerLength)}");
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _serving;
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public void Wrk()
    {
        _client.Send(_request);
        for (var left = _answerLength; left > 0;)
        {
            var count = _client.Receive(_answer);
            if (count == 0)
                throw new EndOfStreamException("The server closed the connection.");
            left -= count;
        }
    }
}
