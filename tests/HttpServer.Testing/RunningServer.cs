using System.Net;

namespace Http.Server.Tests.Support;

/// <summary>A server on a free loopback port that serves for as long as the object lives.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly Task _serving;

    /// <summary>Starts it; with a certificate it speaks HTTPS, and so do its clients.</summary>
    public RunningServer(Func<BaseHttpRequestHandler> createHandler, HttpServerOptions? options = null, ServerCertificate? certificate = null)
    {
        Log = options?.Log as RecordingLog ?? new RecordingLog();
        options = (options ?? new()) with { Log = Log };
        var address = new IPEndPoint(IPAddress.Loopback, 0);
        Server = certificate is null
            ? new ThreadingHttpServer(address, createHandler, options)
            : new ThreadingHttpsServer(address, createHandler, certificate, options);
        _serving = Server.ServeForeverAsync(CancellationToken.None);
    }

    public HttpServer Server { get; }

    public RecordingLog Log { get; }

    public int Port => Server.ServerPort;

    public string Url => $"{(Server.IsSecure ? "https" : "http")}://127.0.0.1:{Port}";

    /// <summary>A server whose connections each get a new handler.</summary>
    public static RunningServer Of<THandler>(HttpServerOptions? options = null)
        where THandler : BaseHttpRequestHandler, new() => new(static () => new THandler(), options);

    /// <summary>A server of files.</summary>
    public static RunningServer OfDirectory(string directory, Action<SimpleHttpRequestHandler>? configure = null, HttpServerOptions? options = null, ServerCertificate? certificate = null) => new(
        () =>
        {
            var handler = new SimpleHttpRequestHandler { Directory = directory };
            configure?.Invoke(handler);
            return handler;
        },
        options,
        certificate);

    public Task<RawClient> ConnectAsync() => Server.IsSecure ? RawClient.ConnectTlsAsync(Port) : RawClient.ConnectAsync(Port);

    /// <summary>Sends one request on a connection of its own and reads the one answer.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadResponseAsync(isHead: request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    /// <summary>The tag of a file; asked for until the file has not been changed for a moment, so that it is a strong one.</summary>
    public async Task<string> StrongTagAsync(string target, string headers = "")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var tag = (await GetAsync(target, headers))["ETag"];
            if (tag?.StartsWith('"') == true)
                return tag;
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    public Task<RawResponse> GetAsync(string target, string headers = "") => SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _serving;
    }
}
