using System.Diagnostics;
using System.Globalization;

namespace Http.Server.Benchmarks.Load;

/// <summary>Time that processors have spent on a server, in its own code and in the system's for it.</summary>
internal readonly record struct ProcessorTime(TimeSpan User, TimeSpan System)
{
    /// <summary>What proc(5) counts in: a hundred ticks a second on every Linux that .NET runs on.</summary>
    private const double TicksASecond = 100;

    public static ProcessorTime operator -(ProcessorTime later, ProcessorTime earlier) => new(later.User - earlier.User, later.System - earlier.System);

    /// <summary>That of a process with all its threads and, on Linux, of all below it, those that have ended and were waited for included.</summary>
    public static ProcessorTime OfTree(Process process)
    {
        if (OperatingSystem.IsLinux())
            return ProcessTree.Ids(process.Id).Select(Of).Aggregate(default(ProcessorTime), static (sum, one) => new(sum.User + one.User, sum.System + one.System));
        process.Refresh();
        return new(process.UserProcessorTime, process.PrivilegedProcessorTime);
    }

    /// <summary>Fields 14 to 17: user and system time of all threads, and both of children that have ended.</summary>
    private static ProcessorTime Of(int id) => ProcessTree.ReadStat(id) is { } stat ? new(Read(stat, 14), Read(stat, 15)) : default;

    private static TimeSpan Read(string[] stat, int field) => TimeSpan.FromSeconds(
        (long.Parse(stat[field - 3], CultureInfo.InvariantCulture) + long.Parse(stat[field - 1], CultureInfo.InvariantCulture)) / TicksASecond);
}
