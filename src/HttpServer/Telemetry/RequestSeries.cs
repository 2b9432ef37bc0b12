using System.Globalization;

namespace Http.Server.Telemetry;

/// <summary>The requests that have method, scheme, status and route in common, and how long they took.</summary>
internal sealed class RequestSeries
{
    /// <summary>The bounds of a histogram of durations in seconds, as the conventions of OpenTelemetry advise.</summary>
    public static readonly double[] AdvisedBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private static readonly long[] Bounds =
        Array.ConvertAll(AdvisedBounds, static bound => (long)Math.Round(bound * TimeSpan.TicksPerSecond));

    private readonly MetricHistogram _durations = new(Bounds);
    private readonly string _labels;

    private RequestSeries(string labels) => _labels = labels;

    /// <summary>The series of a key.</summary>
    public static RequestSeries Of(in SeriesKey key)
    {
        var labels = MetricsText.Label("http_request_method", ServerMetrics.Methods[key.Method])
            + "," + MetricsText.Label("url_scheme", key.IsSecure ? "https" : "http");
        if (key.Status > 0)
            labels += "," + MetricsText.Label("http_response_status_code", key.Status.ToString(CultureInfo.InvariantCulture));
        if (key.Route is not null)
            labels += "," + MetricsText.Label("http_route", key.Route);
        if (key.Status == 0)
            labels += "," + MetricsText.Label("error_type", "_OTHER");
        else if (key.Status >= 500)
            labels += "," + MetricsText.Label("error_type", key.Status.ToString(CultureInfo.InvariantCulture));
        return new RequestSeries(labels);
    }

    /// <summary>The series of all requests beyond those that are told apart, as OpenTelemetry marks it.</summary>
    public static RequestSeries OfOverflow() => new(MetricsText.Label("otel_metric_overflow", "true"));

    public void Record(TimeSpan elapsed) => _durations.Record(elapsed.Ticks);

    public void WriteTo(MetricsText text) => _durations.WriteTo(text, _labels, TimeSpan.TicksPerSecond);
}
