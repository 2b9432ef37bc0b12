using System.Globalization;

namespace Http.Server.Benchmarks.Grow;

/// <summary>Series as the rows of a table in Markdown.</summary>
internal static class GrowthTable
{
    public static void Write(IEnumerable<GrowthSeries> all, TextWriter output)
    {
        output.WriteLine("| what | from | to | exponent | last step | at most |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var series in all)
        {
            var (first, last) = (series.Points[0], series.Points[^1]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {series.Name} | {Number(first.Cost)} {series.Unit} at {first.Size:N0} {series.Of} | {Number(last.Cost)} {series.Unit} at {last.Size:N0} "
                + $"| {series.Exponent:F2} | {series.LastExponent:F2} | {(series.IsFlat ? "flat" : "linear")} |"));
        }
    }

    private static string Number(double value) => value.ToString(value < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
