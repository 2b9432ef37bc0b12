using System.Globalization;

namespace Http.Server.Benchmarks.Load;

/// <summary>A process and, on Linux, all below it.</summary>
internal static class ProcessTree
{
    /// <summary>The ids, the process's own first. Those that end meanwhile may be among them.</summary>
    public static IReadOnlyList<int> Ids(int root)
    {
        var children = ReadParents().ToLookup(entry => entry.Parent, entry => entry.Id);
        var ids = new List<int> { root };
        for (var index = 0; index < ids.Count; index++)
            ids.AddRange(children[ids[index]]);
        return ids;
    }

    /// <summary>The fields of a process's <c>stat</c> from its state on (proc(5) counts them from 3); null if it has ended.</summary>
    public static string[]? ReadStat(int id)
    {
        // The name stands in parentheses and may hold anything; the state comes after it.
        return Read($"/proc/{id}/stat") is { } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : null;
    }

    /// <summary>A file of /proc; null if its process has ended.</summary>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<(int Id, int Parent)> ReadParents()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && ReadStat(id) is { } stat)
                yield return (id, int.Parse(stat[1], CultureInfo.InvariantCulture));
        }
    }
}
