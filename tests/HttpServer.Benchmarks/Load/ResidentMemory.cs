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
        if (OperatingSystem.IsLinux())
            return ProcessTree.Ids(process.Id).Sum(Of);
        process.Refresh();
        return process.WorkingSet64;
    }

    private static long Of(int id) => ProcessTree.Read($"/proc/{id}/statm") is { } text
        ? long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize
        : 0;
}
