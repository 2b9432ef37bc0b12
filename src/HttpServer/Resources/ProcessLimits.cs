using System.Runtime.InteropServices;
using Http.Server.Interop;

namespace Http.Server.Resources;

/// <summary>What the system lets this process have open, and what it has open. Windows sets no such limit.</summary>
internal static unsafe class ProcessLimits
{
    /// <summary>
    /// The largest soft limit that macOS takes, also if the hard limit is higher (OPEN_MAX of its
    /// sys/syslimits.h).
    /// </summary>
    private const ulong MacMax = 10240;

    /// <summary>EBADF of errno.h, the same on all systems.</summary>
    private const int BadDescriptor = 9;

    // RLIMIT_NOFILE of sys/resource.h.
    private static readonly int OpenFiles = OperatingSystem.IsMacOS() ? 8 : 7;

    /// <summary>Raises the soft limit of open files to the hard one, as far as the system lets that be done.</summary>
    /// <returns>The limit from now on; <see cref="int.MaxValue"/> where there is none.</returns>
    public static int RaiseDescriptorLimit()
    {
        if (OperatingSystem.IsWindows())
            return int.MaxValue;
        Limit limit;
        if (Libc.GetLimit(OpenFiles, &limit) != 0)
            return int.MaxValue;
        var wanted = OperatingSystem.IsMacOS() ? Math.Min(limit.Hard, MacMax) : limit.Hard;
        if (wanted > limit.Soft)
        {
            var raised = new Limit { Soft = wanted, Hard = limit.Hard };
            if (Libc.SetLimit(OpenFiles, &raised) == 0)
                limit = raised;
        }

        return (int)Math.Min(limit.Soft, int.MaxValue);
    }

    /// <summary>Counts the descriptors that are open now.</summary>
    public static int CountDescriptors()
    {
        try
        {
            // The descriptor that reads the directory is in the list too.
            return Directory.EnumerateFileSystemEntries(OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd").Count() - 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FindLowestFree();
        }
    }

    /// <summary>
    /// The number that the next descriptor gets, which is the lowest free one: all below it are taken. <see cref="int.MaxValue"/>
    /// if none is free; 0 where descriptors have no such numbers.
    /// </summary>
    public static int FindLowestFree()
    {
        if (OperatingSystem.IsWindows())
            return 0;
        var copy = Libc.Duplicate(2);
        if (copy >= 0)
        {
            _ = Libc.Close(copy);
            return copy;
        }

        // Standard error may be closed (EBADF); else no number is free.
        var ends = stackalloc int[2];
        if (Marshal.GetLastPInvokeError() != BadDescriptor || Libc.Pipe(ends) != 0)
            return int.MaxValue;
        _ = Libc.Close(ends[0]);
        _ = Libc.Close(ends[1]);
        return Math.Min(ends[0], ends[1]);
    }

    /// <summary><c>rlim_t</c> has 64 bits on every system that .NET runs on; all bits set stand for no limit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
