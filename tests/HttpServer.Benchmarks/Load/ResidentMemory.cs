using System.Diagnostics;
using System.Globalization;

namespace Http.Server.Benchmarks.Load;

/// <summary>How much memory processes keep in RAM.</summary>
internal static class ResidentMemory
{
    /// <summary>
    /// Bytes of a process and, on Linux, of all below it. Pages that several share count in each, so a server of several processes
    /// looks somewhat larger than it is.
    /// </summary>
    public static long OfTree(Process process)
    {
        if (!OperatingSystem.IsLinux())
        {
            process.Refresh();
            return process.WorkingSet64;
        }

        var children = ReadParents().ToLookup(entry => entry.Parent, entry => entry.Id);
        return Sum(process.Id);

        long Sum(int id) => Of(id) + children[id].Sum(Sum);
    }

    private static IEnumerable<(int Id, int Parent)> ReadParents()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || Read(Path.Combine(folder, "stat")) is not { } stat)
                continue;
            // The name stands in parentheses and may hold anything; the state and the parent come after it.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            yield return (id, int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
    }

    private static long Of(int id) => Read($"/proc/{id}/statm") is { } text
        ? long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize
        : 0;

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // The process has ended meanwhile.
            return null;
        }
    }
}
