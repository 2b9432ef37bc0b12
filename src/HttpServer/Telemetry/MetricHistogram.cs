namespace Http.Server.Telemetry;

/// <summary>Counts of values by their size, as Prometheus has them: each bound counts all values up to it.</summary>
/// <param name="bounds">Upper bounds, rising.</param>
internal sealed class MetricHistogram(long[] bounds)
{
    /// <summary>By bound, and beyond the last.</summary>
    private readonly long[] _counts = new long[bounds.Length + 1];

    private long _sum;

    /// <summary>Counts a value. Threads that count at once lose nothing.</summary>
    public void Record(long value)
    {
        var at = 0;
        while (at < bounds.Length && value > bounds[at])
            at++;
        Interlocked.Increment(ref _counts[at]);
        Interlocked.Add(ref _sum, value);
    }

    /// <summary>Writes the lines of one set of labels.</summary>
    /// <param name="text">What was begun with the metric's name.</param>
    /// <param name="labels">The labels, without braces.</param>
    /// <param name="scale">What a value is divided by, for the unit of the metric.</param>
    public void WriteTo(MetricsText text, string labels, double scale)
    {
        long count = 0;
        for (var at = 0; at < bounds.Length; at++)
        {
            count += Interlocked.Read(ref _counts[at]);
            text.Bucket(labels, bounds[at] / scale, count);
        }

        // The count is that of the last bucket, whatever other threads have counted since.
        count += Interlocked.Read(ref _counts[^1]);
        text.Bucket(labels, double.PositiveInfinity, count);
        text.Sample("_sum", labels, Interlocked.Read(ref _sum) / scale);
        text.Sample("_count", labels, count);
    }
}
