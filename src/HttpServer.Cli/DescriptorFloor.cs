using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Http.Server.Cli;

/// <summary>
/// Ends the program with a message where it has so few file descriptors that the runtime could not even load the code which
/// counts what a server needs: what follows would be a stack trace of the runtime. It has calls of its own to the system, for
/// those of the library lie in an assembly that could not be loaded.
/// </summary>
internal static unsafe partial class DescriptorFloor
{
    /// <summary>What a program that is compiled as it runs opens before it listens: 61, most of them its assemblies.</summary>
    private const ulong Compiled = 96;

    /// <summary>The same of the native program: 12.</summary>
    private const ulong Native = 16;

    private const int StandardError = 2;

    /// <summary>Tells standard error if there are too few.</summary>
    /// <returns>True if the program can only end.</returns>
    public static bool IsTooLow()
    {
        if (OperatingSystem.IsWindows())
            return false;
        // struct rlimit: the limit that holds and the one that it may be raised to, which the runtime has done when it started.
        var limit = stackalloc ulong[2];
        var floor = RuntimeFeature.IsDynamicCodeCompiled ? Compiled : Native;
        if (GetLimit(OperatingSystem.IsLinux() ? 7 : 8, limit) != 0 || limit[0] >= floor)
            return false;
        var message = Encoding.ASCII.GetBytes("httpserver: This process may have "
            + limit[0].ToString(CultureInfo.InvariantCulture) + " files and connections open, and needs at least "
            + floor.ToString(CultureInfo.InvariantCulture) + " to start. Raise the limit, with 'ulimit -n 1024' say.\n");
        fixed (byte* bytes = message)
            _ = Write(StandardError, bytes, (nuint)message.Length);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ulong* limit);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);
}
