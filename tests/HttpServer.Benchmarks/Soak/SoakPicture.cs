using System.Globalization;
using System.Text;

namespace Http.Server.Benchmarks.Soak;

/// <summary>Samples as charts over the same time in one SVG; the seconds of a fault are shaded and named.</summary>
internal static class SoakPicture
{
    private const int Left = 12;
    private const int Top = 60;
    private const int PlotWidth = 780;
    private const int PlotHeight = 110;
    private const int RowHeight = 160;

    /// <summary>Colours for light and dark pages.</summary>
    private const string Style = """
        <style>
        text { font: 12px sans-serif; fill: #444 } .title { font-weight: bold; fill: #222 } .line { stroke: #0969da; stroke-width: 1.5; fill: none }
        .more { stroke: #bf8700; stroke-width: 1.5; fill: none } .frame { stroke: #bbb; fill: none } .fault { fill: #cf222e; opacity: .12 }
        @media (prefers-color-scheme: dark) { text { fill: #bbb } .title { fill: #eee } .line { stroke: #58a6ff } .more { stroke: #d29922 }
        .frame { stroke: #555 } .fault { opacity: .3 } }
        </style>
        """;

    public static string Draw(IReadOnlyList<SoakSample> samples)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {PlotWidth + (2 * Left)} {Top + (4 * RowHeight)}\" role=\"img\">\n");
        svg.Append("<title>A soak: answers, latency, memory and descriptors by the second, with the faults that were injected</title>\n")
            .Append(Style).Append('\n');
        DrawFaults(samples, svg);
        DrawRow(svg, 0, "answers a second", samples, ("line", static sample => sample.Answers));
        // Most seconds have some milliseconds, that in which the server stood still has thousands: each step of the chart is ten times the last.
        DrawRow(svg, 1, "latency of a small file, half of the answers and 99 of 100: ms, to the power of ten", samples,
            ("line", static sample => Power(sample.Latency(0.5))), ("more", static sample => Power(sample.Latency(0.99))));
        DrawRow(svg, 2, "memory in MiB", samples, ("line", static sample => sample.ResidentBytes / 1048576.0));
        DrawRow(svg, 3, "descriptors", samples, ("line", static sample => sample.Descriptors));
        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawFaults(IReadOnlyList<SoakSample> samples, StringBuilder svg)
    {
        for (var from = 0; from < samples.Count;)
        {
            var to = from;
            while (to < samples.Count && samples[to].Phase == samples[from].Phase)
                to++;
            if (samples[from].Phase is { } fault)
            {
                var (left, right) = (X(from, samples.Count), X(to, samples.Count));
                svg.Append(CultureInfo.InvariantCulture,
                    $"<rect class=\"fault\" x=\"{left:F1}\" y=\"{Top - 34}\" width=\"{right - left:F1}\" height=\"{4 * RowHeight}\"/>\n");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left:F1}\" y=\"16\">{fault}</text>\n");
            }

            from = to;
        }
    }

    private static void DrawRow(StringBuilder svg, int row, string title, IReadOnlyList<SoakSample> samples,
        params ReadOnlySpan<(string Class, Func<SoakSample, double> Value)> lines)
    {
        var top = Top + (row * RowHeight);
        var most = 0.0;
        foreach (var (_, value) in lines)
            most = Math.Max(most, samples.Max(sample => double.IsNaN(value(sample)) ? 0 : value(sample)));
        svg.Append(CultureInfo.InvariantCulture,
            $"<text class=\"title\" x=\"{Left}\" y=\"{top - 8}\">{title}, 0 to {most.ToString(most < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect class=\"frame\" x=\"{Left}\" y=\"{top}\" width=\"{PlotWidth}\" height=\"{PlotHeight}\"/>\n");
        foreach (var (style, value) in lines)
        {
            // A second without an answer has no latency: the line has a gap there.
            var move = 'M';
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"");
            for (var at = 0; at < samples.Count; at++)
            {
                var height = value(samples[at]) / Math.Max(most, double.Epsilon) * PlotHeight;
                if (!double.IsNaN(height))
                    svg.Append(CultureInfo.InvariantCulture, $"{move}{X(at, samples.Count):F1} {top + PlotHeight - height:F1}");
                move = double.IsNaN(height) ? 'M' : 'L';
            }

            svg.Append("\"/>\n");
        }
    }

    /// <summary>The power of ten, 0 for a millisecond and less; NaN for NaN.</summary>
    private static double Power(double milliseconds) => Math.Max(0, Math.Log10(milliseconds));

    private static double X(int at, int count) => Left + ((double)at / Math.Max(count - 1, 1) * PlotWidth);
}
