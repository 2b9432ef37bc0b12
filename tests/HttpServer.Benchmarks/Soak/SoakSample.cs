namespace Http.Server.Benchmarks.Soak;

/// <summary>What was seen in one second.</summary>
/// <param name="Second">Seconds since the begin.</param>
/// <param name="Phase">The fault that was injected; null for none.</param>
/// <param name="SmallLatencies">Milliseconds that answers with a small file took, in order.</param>
/// <param name="Answers">Answers of all kinds that were right.</param>
/// <param name="Refusals">Answers that said clearly that something is short: 429, 503 and 507.</param>
/// <param name="Failures">Answers that were wrong, and requests without any.</param>
/// <param name="ResidentBytes">The server's memory.</param>
/// <param name="Descriptors">The server's descriptors.</param>
internal sealed record SoakSample(
    int Second, string? Phase, double[] SmallLatencies, int Answers, int Refusals, int Failures, long ResidentBytes, int Descriptors)
{
    /// <summary>The latency that a share of the small files did not exceed, in milliseconds; NaN if there were none.</summary>
    public double Latency(double share) => Percentile(SmallLatencies, share);

    /// <summary>The value that a share of sorted values does not exceed; NaN of none.</summary>
    public static double Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];
}
