using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Grow;

/// <summary>What an answer takes, and what memory, beside connections that are kept and wait.</summary>
internal static class ConnectionGrowth
{
    private static readonly int[] Counts = [1, 10, 100, 1_000, 10_000];

    public static IReadOnlyList<GrowthSeries> Measure(ServerProcess server)
    {
        var open = new List<KeptClient>();
        List<(double, double)> times = [], memory = [];
        try
        {
            foreach (var count in Counts)
            {
                while (open.Count < count)
                {
                    open.Add(new KeptClient(server.Port));
                    open[^1].Get("/small.txt");
                }

                times.Add((count, open[0].Measure("/small.txt", requests: 500)));
                memory.Add((count, server.ResidentBytes / (1024.0 * 1024)));
            }
        }
        finally
        {
            foreach (var client in open)
                client.Dispose();
        }

        return [new("an answer beside idle connections", "connections", "us", IsFlat: true, times),
            new("resident memory", "connections", "MiB", IsFlat: false, memory)];
    }
}
