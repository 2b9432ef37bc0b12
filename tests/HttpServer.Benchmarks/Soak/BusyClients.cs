using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Soak;

/// <summary>Clients that ask for one thing after the other, each for something else at any moment.</summary>
internal sealed class BusyClients(SoakServer server, SoakCounter counter) : IDisposable
{
    private static readonly byte[] Upload = new byte[256 * 1024];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
    })
    { Timeout = Patience };

    public Task RunAsync(int count, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(number => RunOneAsync(number, stop)));

    public void Dispose() => _client.Dispose();

    private async Task RunOneAsync(int number, CancellationToken stop)
    {
        var random = new Random(number);
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            var shape = ShapeOf(random.Next(100));
            try
            {
                await AskAsync(shape, number, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or AuthenticationException)
            {
                counter.AddFailure($"{shape}: {(exception.InnerException ?? exception).Message}");
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    /// <summary>Of a hundred requests, how many are for what.</summary>
    private static string ShapeOf(int number) => number switch
    {
        < 50 => "small",
        < 60 => "mid",
        < 68 => "script",
        < 74 => "typed",
        < 78 => "count",
        < 83 => "gzip",
        < 88 => "tls",
        < 92 => "listing",
        < 97 => "upload",
        _ => "cgi",
    };

    private async Task AskAsync(string shape, int number, CancellationToken stop)
    {
        var address = $"http://127.0.0.1:{server.Port}";
        using var request = shape switch
        {
            "small" => new HttpRequestMessage(HttpMethod.Get, address + "/small.txt"),
            "mid" => new HttpRequestMessage(HttpMethod.Get, address + "/mid.bin"),
            "script" => new HttpRequestMessage(HttpMethod.Get, address + "/script"),
            "typed" => new HttpRequestMessage(HttpMethod.Get, $"{address}/typed/{number}"),
            "count" => new HttpRequestMessage(HttpMethod.Get, address + "/count"),
            "gzip" => new HttpRequestMessage(HttpMethod.Get, address + "/text.txt") { Headers = { { "Accept-Encoding", "gzip" } } },
            "tls" => new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{server.SecurePort}/small.txt"),
            "listing" => new HttpRequestMessage(HttpMethod.Get, address + "/list/"),
            "upload" => new HttpRequestMessage(HttpMethod.Put, $"{address}/uploads/{number % 16}.bin") { Content = new ByteArrayContent(Upload) },
            _ => new HttpRequestMessage(HttpMethod.Get, address + "/cgi-bin/hello.sh"),
        };
        var watch = Stopwatch.StartNew();
        using var answer = await _client.SendAsync(request, stop);
        var length = (await answer.Content.ReadAsByteArrayAsync(stop)).Length;
        if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.InsufficientStorage)
            counter.AddRefusal($"{shape}: {(int)answer.StatusCode}");
        else if (!answer.IsSuccessStatusCode || !IsRight(shape, length))
            counter.AddFailure($"{shape}: {(int)answer.StatusCode} with {length} bytes");
        else if (shape == "small")
            counter.AddSmall(watch.Elapsed);
        else
            counter.AddAnswer();
    }

    private static bool IsRight(string shape, int length) => shape switch
    {
        "small" or "tls" => length == SampleTree.SmallSize,
        "mid" => length == SampleTree.MidSize,
        "script" => length == "hello".Length,
        "cgi" => length == SampleTree.HelloSize,
        "listing" => length > SampleTree.ListedFiles * 16,
        "gzip" => length is > 1024 and < SampleTree.TextSize,
        _ => true,
    };
}
