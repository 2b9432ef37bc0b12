using System.Numerics;

namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>
/// Counts of times by their size, from which percentiles are found. Sixteen steps for each doubling: a percentile is at most a
/// sixteenth too large. It takes 3 KB, however many times are counted.
/// </summary>
internal sealed class LatencyCounts
{
    private const int StepBits = 4;
    private const int Steps = 1 << StepBits;

    /// <summary>Longer times count as this: half an hour, in microseconds.</summary>
    private const long Longest = (1L << 31) - 1;

    private readonly long[] _counts = new long[IndexOf(Longest) + 1];

    /// <summary>Counts a time. Threads that count at once lose nothing.</summary>
    public void Add(TimeSpan time) =>
        Interlocked.Increment(ref _counts[IndexOf(Math.Clamp((long)time.TotalMicroseconds, 0, Longest))]);

    /// <summary>The time that this part of all does not exceed.</summary>
    /// <param name="part">Between 0 and 1: 0.95 for the 95th percentile.</param>
    /// <returns>Null if there is none yet.</returns>
    public TimeSpan? FindPercentile(double part)
    {
        var counts = Array.ConvertAll(_counts, static count => count);
        var wanted = (long)Math.Ceiling(counts.Sum() * part);
        if (wanted == 0)
            return null;
        var at = 0;
        for (var seen = counts[0]; seen < wanted; seen += counts[at])
            at++;
        return TimeSpan.FromMicroseconds(UpperBoundOf(at));
    }

    /// <summary>Times below the first doubling have a step for each microsecond.</summary>
    private static int IndexOf(long microseconds)
    {
        if (microseconds < Steps)
            return (int)microseconds;
        var doublings = BitOperations.Log2((ulong)microseconds) - StepBits;
        return (doublings << StepBits) + (int)(microseconds >> doublings);
    }

    private static long UpperBoundOf(int index)
    {
        if (index < Steps)
            return index;
        var doublings = (index >> StepBits) - 1;
        return ((long)(index - (doublings << StepBits) + 1) << doublings) - 1;
    }
}
