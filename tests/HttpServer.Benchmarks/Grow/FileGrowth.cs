using System.Globalization;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Grow;

/// <summary>What files and directories cost as they grow.</summary>
internal static class FileGrowth
{
    private static readonly long[] Sizes = [0, 1, 1 << 10, 32 << 10, 1 << 20, 32 << 20, 1 << 30];
    private static readonly int[] Counts = [10, 100, 1_000, 10_000, 100_000];

    /// <summary>The time of an answer with the whole file.</summary>
    public static GrowthSeries OfSize(ServerProcess server, SampleTree tree)
    {
        using var client = new KeptClient(server.Port);
        var points = new List<(double, double)>();
        foreach (var size in Sizes)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"size-{size}.bin");
            var path = Path.Combine(tree.Root, name);
            // It has no blocks on the disk: what is measured is the way of the bytes and not the disk.
            using (var file = File.Create(path))
                file.SetLength(size);
            client.Get("/" + name);
            points.Add((size, client.Measure("/" + name, requests: size > 1 << 20 ? 1 : 100)));
            File.Delete(path);
        }

        return new("a whole file", "bytes", "us", IsFlat: false, points);
    }

    /// <summary>The time of a listing that has to be made anew, and of a file of a directory, by the names in it.</summary>
    public static IReadOnlyList<GrowthSeries> OfDirectory(ServerProcess server, SampleTree tree)
    {
        List<(double, double)> listings = [], files = [];
        foreach (var count in Counts)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"names-{count}");
            var folder = Directory.CreateDirectory(Path.Combine(tree.Root, name)).FullName;
            for (var number = 0; number < count; number++)
                File.WriteAllText(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"file-{number:000000}.txt")), "");
            // The writing of names may take longer than the server keeps a connection that has nothing to do.
            using var client = new KeptClient(server.Port);
            client.Get($"/{name}/");
            listings.Add((count, client.Measure($"/{name}/", requests: 1, before: () => Change(folder))));
            files.Add((count, client.Measure(string.Create(CultureInfo.InvariantCulture, $"/{name}/file-{count / 2:000000}.txt"), requests: 200)));
            Directory.Delete(folder, recursive: true);
        }

        return [new("a listing, made anew", "names", "us", IsFlat: false, listings), new("a file of a directory", "names", "us", IsFlat: true, files)];
    }

    /// <summary>A listing that is kept does not hold after it.</summary>
    private static void Change(string folder)
    {
        var passing = Path.Combine(folder, "passing");
        File.WriteAllText(passing, "");
        File.Delete(passing);
    }
}
