using System.Globalization;

namespace Http.Server.Benchmarks.Load;

/// <summary>Figures of several servers; the first is compared with each other one.</summary>
internal sealed class ResultTable(IReadOnlyList<string> servers)
{
    private readonly List<(string Name, string Unit, Dictionary<string, List<double>> Figures)> _rows = [];

    /// <summary>Adds a round's figures.</summary>
    /// <param name="name">The row.</param>
    /// <param name="unit">What the figures are in.</param>
    /// <param name="figures">One for each server; NaN where there is none.</param>
    public void Add(string name, string unit, IReadOnlyDictionary<string, double> figures)
    {
        var row = _rows.FirstOrDefault(row => row.Name == name && row.Unit == unit).Figures;
        if (row is null)
        {
            row = servers.ToDictionary(server => server, _ => new List<double>());
            _rows.Add((name, unit, row));
        }

        foreach (var server in servers)
            row[server].Add(figures.GetValueOrDefault(server, double.NaN));
    }

    /// <summary>Prints medians, and the medians of the rounds' ratios: whatever slows a whole round slows both sides of a ratio.</summary>
    public void Print(TextWriter output)
    {
        List<string[]> lines = [["scenario", "unit", .. servers, .. servers.Skip(1).Select(peer => $"{servers[0]}/{peer}")]];
        foreach (var (name, unit, figures) in _rows)
        {
            var first = figures[servers[0]];
            lines.Add([
                name,
                unit,
                .. servers.Select(server => Show(Known(figures[server]))),
                .. servers.Skip(1).Select(peer => ShowRatio(Known(first.Zip(figures[peer], (one, other) => one / other)))),
            ]);
        }

        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        output.WriteLine();
        foreach (var line in lines)
            output.WriteLine(string.Join("  ", line.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))));
    }

    private static IEnumerable<double> Known(IEnumerable<double> values) => values.Where(double.IsFinite);

    private static string Show(IEnumerable<double> values) => Statistics.Median(values) switch
    {
        double.NaN => "-",
        var value => value.ToString(value < 100 ? "F1" : "N0", CultureInfo.InvariantCulture),
    };

    private static string ShowRatio(IEnumerable<double> values) => Statistics.Median(values) switch
    {
        double.NaN => "-",
        var value => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
