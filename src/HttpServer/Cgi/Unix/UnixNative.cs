using System.Runtime.InteropServices;
using Http.Server.Interop;
using Http.Server.Resources;


namespace Http.Server.Cgi.Unix;

/// <summary>Pipes, processes and signals by the names that Linux and macOS share.</summary>
internal static unsafe class UnixNative
{
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;
    private const int Interrupted = 4;

    /// <summary>.NET's own number for "close on exec", the same on every system.</summary>
    private const int RuntimeCloseOnExec = 0x10;

    // errno.h: macOS and Linux number EAGAIN differently.
    private static readonly int Again = OperatingSystem.IsMacOS() ? 35 : 11;

    public static bool IsAgain(int error) => error == Again || error == Interrupted;

    /// <summary>Makes a pipe whose ends no program inherits by accident.</summary>
    public static (int Read, int Write) MakePipe()
    {
        var ends = stackalloc int[2];
        if (Libc.RuntimePipe(ends, RuntimeCloseOnExec) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw Shortage.OfError(error) is { } shortage
                ? new ShortageException(shortage)
                : new IOException($"Cannot make a pipe: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return (ends[0], ends[1]);
    }

    public static void SetNonBlocking(int descriptor)
    {
        if (Libc.RuntimeSetNonBlocking(descriptor, 1) != 0)
            throw new IOException($"Cannot make a pipe non-blocking: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Reaps a child that has ended.</summary>
    /// <param name="process">The child.</param>
    /// <param name="exitCode">Its exit code, or the negative number of the signal that ended it.</param>
    /// <returns>False if it still runs.</returns>
    public static bool TryReap(int process, out int exitCode)
    {
        const int WithoutWaiting = 1;
        int status;
        int result;
        do
            result = Libc.WaitForProcess(process, &status, WithoutWaiting);
        while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        exitCode = 0;
        if (result == 0)
            return false;
        if (result > 0)
            exitCode = (status & 0x7f) == 0 ? (status >> 8) & 0xff : -(status & 0x7f);
        return true;
    }

    /// <summary>Makes a user the owner of a pipe; where the system has no owners for pipes, nothing changes.</summary>
    public static void Give(int descriptor, int user) => _ = Libc.ChangeOwner(descriptor, user, -1);

    /// <summary>Signals a process group; one that is gone is no fault.</summary>
    public static void SignalGroup(int group, int signal) => _ = Libc.Kill(-group, signal);
}
