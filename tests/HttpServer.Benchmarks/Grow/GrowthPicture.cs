using System.Globalization;
using System.Text;

namespace Http.Server.Benchmarks.Grow;

/// <summary>Series as small charts in one SVG, both axes logarithmic; a dashed line has the slope of costs in proportion.</summary>
internal static class GrowthPicture
{
    private const int Columns = 3;
    private const int Width = 270;
    private const int Height = 190;
    private const int Left = 12;
    private const int Top = 40;
    private const int PlotWidth = 240;
    private const int PlotHeight = 110;

    /// <summary>Colours for light and dark pages.</summary>
    private const string Style = """
        <style>
        text { font: 12px sans-serif; fill: #444 } .title { font-weight: bold; fill: #222 } .cost { stroke: #0969da; stroke-width: 2; fill: none }
        .point { fill: #0969da } .frame { stroke: #bbb; fill: none } .linear { stroke: #999; stroke-dasharray: 4 3 }
        @media (prefers-color-scheme: dark) { text { fill: #bbb } .title { fill: #eee } .cost { stroke: #58a6ff } .point { fill: #58a6ff }
        .frame { stroke: #555 } .linear { stroke: #777 } }
        </style>
        """;

    public static string Draw(IReadOnlyList<GrowthSeries> all)
    {
        var rows = (all.Count + Columns - 1) / Columns;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Columns * Width} {rows * Height}\" role=\"img\">\n");
        svg.Append("<title>How costs grow: each chart has the size on one axis and the cost on the other, both logarithmic</title>\n").Append(Style).Append('\n');
        for (var index = 0; index < all.Count; index++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({index % Columns * Width} {index / Columns * Height})\">\n");
            Draw(all[index], svg);
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(GrowthSeries series, StringBuilder svg)
    {
        (double Size, double Cost)[] points = [.. series.Points.Where(static point => point.Size > 0)];
        var (from, to) = (Math.Log10(points[0].Size), Math.Log10(points[^1].Size));
        var (low, high) = (Math.Log10(points.Min(static point => point.Cost)), Math.Log10(points.Max(static point => point.Cost)));
        // At least two powers of ten: what is flat shall look so.
        var spare = Math.Max(0, 2 - (high - low)) / 2;
        (low, high) = (low - spare, high + spare);
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"title\" x=\"{Left}\" y=\"16\">{series.Name}</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"32\">{Show(points[0].Cost)} to {Show(points[^1].Cost)} {series.Unit}, exponent {series.Exponent:F2}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"frame\" x=\"{Left}\" y=\"{Top}\" width=\"{PlotWidth}\" height=\"{PlotHeight}\"/>\n");
        var start = Math.Log10(points[0].Cost);
        var reach = Math.Min(to - from, high - start);
        svg.Append(CultureInfo.InvariantCulture,
            $"<line class=\"linear\" x1=\"{X(from):F1}\" y1=\"{Y(start):F1}\" x2=\"{X(from + reach):F1}\" y2=\"{Y(start + reach):F1}\"/>\n");
        svg.Append("<polyline class=\"cost\" points=\"").AppendJoin(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture,
            $"{X(Math.Log10(point.Size)):F1},{Y(Math.Log10(point.Cost)):F1}"))).Append("\"/>\n");
        foreach (var (size, cost) in points)
            svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"point\" cx=\"{X(Math.Log10(size)):F1}\" cy=\"{Y(Math.Log10(cost)):F1}\" r=\"3\"/>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"{Top + PlotHeight + 16}\">{points[0].Size:N0} to {points[^1].Size:N0} {series.Of}</text>\n");

        double X(double size) => Left + ((size - from) / (to - from) * PlotWidth);
        double Y(double cost) => Top + PlotHeight - ((cost - low) / (high - low) * PlotHeight);
    }

    private static string Show(double cost) => cost.ToString(cost < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
