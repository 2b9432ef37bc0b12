namespace Http.Server.Benchmarks.Grow;

/// <summary>What something costs as there is more of something else.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Of">What there is more of.</param>
/// <param name="Unit">What the costs are in.</param>
/// <param name="IsFlat">Whether the cost is to stay what it is; else it may grow in proportion.</param>
/// <param name="Points">Sizes with their costs, the sizes ascending.</param>
internal sealed record GrowthSeries(string Name, string Of, string Unit, bool IsFlat, IReadOnlyList<(double Size, double Cost)> Points)
{
    /// <summary>
    /// The power of the size with which the cost grows, by least squares of the logarithms: 0 is flat, 1 in proportion. NaN of fewer
    /// than two sizes above 0.
    /// </summary>
    public double Exponent { get; } = Fit([.. Points.Where(static point => point is { Size: > 0, Cost: > 0 })
        .Select(static point => (Math.Log(point.Size), Math.Log(point.Cost)))]);

    /// <summary>The same between the last two sizes alone, where fixed costs hide the least.</summary>
    public double LastExponent { get; } = Points is [.., var (size, cost), var (lastSize, lastCost)]
        ? Math.Log(lastCost / cost) / Math.Log(lastSize / size)
        : double.NaN;

    private static double Fit((double X, double Y)[] points)
    {
        if (points.Length < 2)
            return double.NaN;
        var (x, y) = (points.Average(static point => point.X), points.Average(static point => point.Y));
        return points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
    }
}
