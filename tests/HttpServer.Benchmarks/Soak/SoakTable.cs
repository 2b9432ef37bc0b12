using System.Globalization;

namespace Http.Server.Benchmarks.Soak;

/// <summary>Samples as a table of phases.</summary>
internal static class SoakTable
{
    public const string NoFault = "no fault";

    public static void Write(IReadOnlyList<SoakSample> samples, TextWriter output)
    {
        output.WriteLine("| phase | seconds | answers | refusals | failures | p50 ms | p99 ms | memory MiB | descriptors |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var phase in samples.GroupBy(static sample => sample.Phase ?? NoFault))
            output.WriteLine(Row(phase.Key, [.. phase]));
        output.WriteLine(Row("all", samples));
    }

    private static string Row(string name, IReadOnlyList<SoakSample> samples)
    {
        double[] latencies = [.. samples.SelectMany(static sample => sample.SmallLatencies).Order()];
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {samples.Count} | {samples.Sum(static sample => sample.Answers):N0} | {samples.Sum(static sample => sample.Refusals):N0} | {samples.Sum(static sample => sample.Failures):N0} | {SoakSample.Percentile(latencies, 0.5):F1} | {SoakSample.Percentile(latencies, 0.99):F1} | {samples.Max(static sample => sample.ResidentBytes) / 1048576.0:F0} | {samples.Max(static sample => sample.Descriptors):N0} |");
    }
}
