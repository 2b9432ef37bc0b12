using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Http.Server.Telemetry;

/// <summary>
/// The instruments and the source of activities, named after OpenTelemetry's semantic conventions for HTTP servers, both stable
/// parts. One set for the process, as listeners find them by their names.
/// </summary>
internal sealed class ServerTelemetry
{
    private const string Name = "Http.Server";

    private static readonly InstrumentAdvice<double> DurationBuckets = new()
    {
        HistogramBucketBoundaries = RequestSeries.AdvisedBounds,
    };

    private static readonly string? Version = typeof(ServerTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly ActivitySource Source = new(Name, Version);

    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;
    private readonly Histogram<long> _requestSize;
    private readonly Histogram<long> _responseSize;

    private ServerTelemetry()
    {
        var meter = new Meter(Name, Version);
        _duration = meter.CreateHistogram("http.server.request.duration", "s", "Duration of HTTP server requests.", tags: null,
            DurationBuckets);
        _active = meter.CreateUpDownCounter<long>("http.server.active_requests", "{request}",
            "Number of active HTTP server requests.");
        _requestSize = meter.CreateHistogram<long>("http.server.request.body.size", "By", "Size of HTTP server request bodies.");
        _responseSize = meter.CreateHistogram<long>("http.server.response.body.size", "By",
            "Size of HTTP server response bodies.");
    }

    public static ServerTelemetry Instance { get; } = new();

    /// <summary>There are listeners. Asked once a request, and nothing else is done while there are none.</summary>
    public bool IsOn =>
        _duration.Enabled | _active.Enabled | _requestSize.Enabled | _responseSize.Enabled | Source.HasListeners();

    public static string KnownMethod(string method) => ServerMetrics.Methods[ServerMetrics.IndexOf(method)];

    /// <summary>Begins to observe a request.</summary>
    /// <param name="method">As the client sent it.</param>
    /// <param name="scheme">The scheme that the client uses.</param>
    /// <param name="now">The server's timestamp.</param>
    public RequestActivity Begin(string method, string scheme, long now)
    {
        var measurement = new RequestActivity
        {
            Method = KnownMethod(method),
            Scheme = scheme,
            Start = now,
            IsCounted = _active.Enabled
        };
        if (measurement.IsCounted)
            _active.Add(1, ActiveTags(measurement));
        return measurement;
    }

    /// <summary>Whether there are listeners for activities, for which more has to be known.</summary>
    public bool IsTraced => Source.HasListeners();

    /// <summary>Makes the request's activity the current one.</summary>
    /// <param name="measurement">The request.</param>
    /// <param name="carrier">Holds the headers.</param>
    /// <param name="getHeader">Reads a header of the carrier.</param>
    /// <param name="tags">What is known of the request, for samplers too.</param>
    public void StartActivity(
        RequestActivity measurement, object carrier, DistributedContextPropagator.PropagatorGetterCallback getHeader,
            IEnumerable<KeyValuePair<string, object?>> tags)
    {
        // The activity that the server was started in is not the parent of its requests.
        Activity.Current = null;
        var propagator = DistributedContextPropagator.Current;
        propagator.ExtractTraceIdAndState(carrier, getHeader, out var id, out var state);
        ActivityContext.TryParse(id, state, isRemote: true, out var parent);
        var activity = Source.StartActivity(SpanName(measurement, null), ActivityKind.Server, parent, tags);
        measurement.Activity = activity;
        if (activity is null || propagator.ExtractBaggage(carrier, getHeader) is not { } baggage)
            return;
        foreach (var (name, value) in baggage)
            activity.AddBaggage(name, value);
    }

    /// <summary>Tells how a request ended.</summary>
    /// <param name="measurement">The request.</param>
    /// <param name="end">How it ended.</param>
    public void End(RequestActivity measurement, in RequestEnd end)
    {
        var tags = new TagList
        {
            { "http.request.method", measurement.Method },
            { "url.scheme", measurement.Scheme },
            { "network.protocol.name", "http" },
            { "network.protocol.version", end.Version },
        };
        object? status = end.Status > 0 ? end.Status : null;
        if (status is not null)
            tags.Add("http.response.status_code", status);
        if (end.Route is not null)
            tags.Add("http.route", end.Route);
        var error = measurement.Fault ?? (end.Status >= 500
            ? end.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : end.Status == 0 ? "_OTHER" : null);
        if (error is not null)
            tags.Add("error.type", error);
        if (measurement.IsCounted)
            _active.Add(-1, ActiveTags(measurement));
        _duration.Record(end.Elapsed.TotalSeconds, tags);
        _requestSize.Record(end.RequestBytes, tags);
        _responseSize.Record(end.ResponseBytes, tags);
        if (measurement.Activity is not { } activity)
            return;
        if (activity.IsAllDataRequested)
        {
            activity.DisplayName = SpanName(measurement, end.Route);
            activity.SetTag("http.response.status_code", status);
            activity.SetTag("http.route", end.Route);
            activity.SetTag("error.type", error);
            if (error is not null)
                activity.SetStatus(ActivityStatusCode.Error);
        }

        activity.Stop();
    }

    private static TagList ActiveTags(RequestActivity measurement) => new()
    {
        { "http.request.method", measurement.Method },
        { "url.scheme", measurement.Scheme },
    };

    private static string SpanName(RequestActivity measurement, string? route)
    {
        var method = measurement.Method == ServerMetrics.OtherMethod ? "HTTP" : measurement.Method;
        return route is null ? method : $"{method} {route}";
    }
}
