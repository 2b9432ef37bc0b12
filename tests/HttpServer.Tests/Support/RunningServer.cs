using System.Net;

namespace Http.Server.Tests.Support;

/// <summary>A server on a free loopback port that serves for as long as the object lives.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly Task _serving;

    public RunningServer(Func<BaseHttpRequestHandler> createHandler, HttpServerOptions? options = null)
    {
        Log = options?.Log as RecordingLog ?? new RecordingLog();
        Server = new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), createHandler, (options ?? new()) with { Log = Log });
        _serving = Server.ServeForeverAsync(CancellationToken.None);
    }

    public ThreadingHttpServer Server { get; }

    public RecordingLog Log { get; }

    public int Port => Server.ServerPort;

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>A server whose connections each get a new handler.</summary>
    public static RunningServer Of<THandler>(HttpServerOptions? options = null)
        where THandler : BaseHttpRequestHandler, new() => new(static () => new THandler(), options);

    /// <summary>A server of files.</summary>
    public static RunningServer OfDirectory(string directory, Action<SimpleHttpRequestHandler>? configure = null, HttpServerOptions? options = null) => new(
        () =>
        {
            var handler = new SimpleHttpRequestHandler { Directory = directory };
            configure?.Invoke(handler);
            return handler;
        },
        options);

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Port);

    /// <summary>Sends one request on a connection of its own and reads the one answer.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadResponseAsync(isHead: request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    public Task<RawResponse> GetAsync(string target, string headers = "") => SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _serving;
    }
}
