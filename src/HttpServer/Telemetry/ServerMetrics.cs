using System.Collections.Concurrent;
using Http.Server.Work;

namespace Http.Server.Telemetry;

/// <summary>
/// The figures of one server, kept for those who ask for them as text. They bear the names of OpenTelemetry's conventions as
/// Prometheus writes them, and are counted here rather than by a listener of the meter, which a native program goes without. To
/// count a request takes no memory.
/// </summary>
internal sealed class ServerMetrics(Func<ServerFigures> figures, Func<(int Busy, int Idle, int Waiting)>? handlerWorkers)
{
    /// <summary>
    /// Most series that are told apart, OpenTelemetry's figure: routes are few, but a class may make its routes and its statuses
    /// as it likes.
    /// </summary>
    public const int MaxSeries = 2000;

    /// <summary>What the conventions call every method that they do not list.</summary>
    public const string OtherMethod = "_OTHER";

    /// <summary>The methods that are told apart, the last of which stands for all others.</summary>
    public static readonly string[] Methods =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY", OtherMethod];

    /// <summary>From a KiB to a GiB.</summary>
    private static readonly long[] SizeBounds = [0, 1 << 10, 1 << 13, 1 << 16, 1 << 20, 1 << 23, 1 << 26, 1 << 30];

    private readonly ConcurrentDictionary<SeriesKey, RequestSeries> _series = new();
    private readonly RequestSeries _overflow = RequestSeries.OfOverflow();
    private readonly MetricHistogram _requestSizes = new(SizeBounds);
    private readonly MetricHistogram _responseSizes = new(SizeBounds);

    /// <summary>By method, and then by scheme.</summary>
    private readonly long[] _active = new long[Methods.Length * 2];

    private int _seriesCount;
    private int _hasOverflow;

    /// <summary>The index of a method in <see cref="Methods"/>.</summary>
    public static int IndexOf(string method)
    {
        var at = Array.IndexOf(Methods, method);
        return at < 0 ? Methods.Length - 1 : at;
    }

    /// <summary>A request has begun.</summary>
    public void Begin(int method, bool isSecure) => Interlocked.Increment(ref _active[ActiveIndex(method, isSecure)]);

    /// <summary>A request that had begun has ended.</summary>
    public void End(in SeriesKey key, TimeSpan elapsed, long requestBytes, long responseBytes)
    {
        Interlocked.Decrement(ref _active[ActiveIndex(key.Method, key.IsSecure)]);
        _requestSizes.Record(requestBytes);
        _responseSizes.Record(responseBytes);
        // The last, so that who sees the request counted finds all of it.
        (_series.TryGetValue(key, out var series) ? series : Add(key)).Record(elapsed);
    }

    /// <summary>Writes all figures, those of the process too.</summary>
    public void WriteTo(MetricsText text)
    {
        text.Begin("http_server_request_duration_seconds", "histogram",
            "Duration of HTTP server requests, from the end of the request's head to the end of the answer.");
        foreach (var series in _series)
            series.Value.WriteTo(text);
        if (Volatile.Read(ref _hasOverflow) != 0)
            _overflow.WriteTo(text);
        text.Begin("http_server_active_requests", "gauge", "Number of active HTTP server requests.");
        for (var at = 0; at < _active.Length; at++)
        {
            var count = Interlocked.Read(ref _active[at]);
            // Those of the usual method are there from the beginning, so that there is one to see.
            if (count != 0 || at == 0)
                text.Sample("", MetricsText.Label("http_request_method", Methods[at / 2]) + ","
                    + MetricsText.Label("url_scheme", at % 2 == 0 ? "http" : "https"), count);
        }

        text.Begin("http_server_request_body_size_bytes", "histogram", "Size of HTTP server request bodies.");
        _requestSizes.WriteTo(text, "", 1);
        text.Begin("http_server_response_body_size_bytes", "histogram", "Size of HTTP server response bodies.");
        _responseSizes.WriteTo(text, "", 1);
        WriteFigures(text, figures());
        WriteWorkers(text);
        ProcessMetrics.WriteTo(text);
    }

    private static int ActiveIndex(int method, bool isSecure) => (method * 2) + (isSecure ? 1 : 0);

    private static void WriteFigures(MetricsText text, ServerFigures figures)
    {
        text.Single("http_server_open_connections", "gauge", "Connections that are open.", figures.Connections);
        text.Single("http_server_max_connections", "gauge", "Most connections at once; further ones wait.",
            figures.MaxConnections);
        text.Single("http_server_connections_total", "counter", "Connections since the server began.",
            figures.AcceptedConnections);
    }

    private RequestSeries Add(in SeriesKey key)
    {
        if (Volatile.Read(ref _seriesCount) >= MaxSeries)
        {
            Volatile.Write(ref _hasOverflow, 1);
            return _overflow;
        }

        var made = RequestSeries.Of(key);
        if (_series.TryAdd(key, made))
        {
            Interlocked.Increment(ref _seriesCount);
            return made;
        }

        return _series[key];
    }

    private void WriteWorkers(MetricsText text)
    {
        var content = WorkThreads.Shared.Counts;
        var handlers = handlerWorkers?.Invoke();
        text.Begin("http_server_workers", "gauge",
            "Threads of the server: handler for scripts, content for compression, archives, listings and passwords.");
        Write("content", content);
        if (handlers is { } known)
            Write("handler", known);
        text.Begin("http_server_queue_length", "gauge", "Work that waits for such a thread.");
        text.Sample("", MetricsText.Label("http_server_worker_type", "content"), content.Waiting);
        if (handlers is { } counts)
            text.Sample("", MetricsText.Label("http_server_worker_type", "handler"), counts.Waiting);

        void Write(string type, (int Busy, int Idle, int Waiting) counts)
        {
            var label = MetricsText.Label("http_server_worker_type", type) + ",";
            text.Sample("", label + MetricsText.Label("http_server_worker_state", "busy"), counts.Busy);
            text.Sample("", label + MetricsText.Label("http_server_worker_state", "idle"), counts.Idle);
        }
    }
}
