using System.Net.Sockets;

namespace Http.Server.Resources;

/// <summary>
/// Tells that the process or the system has no more of something just now: descriptors, memory, threads,
/// processes.
/// </summary>
internal static class Shortage
{
    /// <summary>What is short where this process has as many files and connections open as it may.</summary>
    public const string Descriptors = "file descriptors of this process";

    /// <summary>ENFILE and EMFILE of errno.h, the same on every system.</summary>
    private const int SystemFiles = 23;
    private const int ProcessFiles = 24;
    private const int Memory = 12; // ENOMEM

    /// <summary>What Windows says for too many open files, and too little memory, of many kinds.</summary>
    private const int WindowsTooManyFiles = unchecked((int)0x80070004);
    private const int WindowsNotEnoughMemory = unchecked((int)0x80070008);
    private const int WindowsOutOfMemory = unchecked((int)0x8007000e);
    private const int WindowsNoResources = unchecked((int)0x800705aa);

    private static readonly int Again = OperatingSystem.IsMacOS() ? 35 : 11; // EAGAIN
    private static readonly int Buffers = OperatingSystem.IsMacOS() ? 55 : 105; // ENOBUFS

    /// <summary>What is short, by the error number of a call of Unix that opens something.</summary>
    /// <returns>Null if the number says something else.</returns>
    public static string? OfError(int error) => error switch
    {
        ProcessFiles => Descriptors,
        SystemFiles => "file descriptors of the system",
        Memory => "memory",
        _ when error == Buffers => "memory for sockets",
        _ => null,
    };

    /// <summary>What is short, by the error number of a call of Unix that starts a process.</summary>
    /// <returns>Null if the number says something else.</returns>
    public static string? OfStart(int error) => error == Again ? "processes" : OfError(error);

    /// <summary>What is short, by an exception or what it came from.</summary>
    /// <returns>Null if it says something else.</returns>
    public static string? Of(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            var what = exception switch
            {
                ShortageException shortage => shortage.What,
                OutOfMemoryException => "memory or threads",
                ThreadStartException => "threads",
                SocketException socket => socket.SocketErrorCode switch
                {
                    SocketError.TooManyOpenSockets => "file descriptors",
                    SocketError.NoBufferSpaceAvailable => "memory for sockets",
                    _ => null,
                },
                IOException { HResult: WindowsTooManyFiles or WindowsNotEnoughMemory or WindowsOutOfMemory or WindowsNoResources }
                    => "files or memory",
                IOException when !OperatingSystem.IsWindows() => OfError(exception.HResult),
                _ => null,
            };
            if (what is not null)
                return what;
        }

        return null;
    }

    /// <summary>The answer for a client: it may come again.</summary>
    public static RequestFaultException Refuse(string what, Exception? inner = null) =>
        new(503, "The server has too much to do at the moment", new ShortageException(what, inner));

    /// <summary>
    /// Throws if a call that opens something failed for want of what it needs, which says nothing of what was to be
    /// opened.
    /// </summary>
    /// <exception cref="RequestFaultException">503.</exception>
    public static void ThrowIfShort(int error)
    {
        if (OfError(error) is { } what)
            throw Refuse(what);
    }

    /// <summary>Gives a descriptor back that is one of the last of the process.</summary>
    /// <exception cref="RequestFaultException">503.</exception>
    public static void ThrowIfLast(Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        if (!ProcessBudget.IsLast(handle.DangerousGetHandle()))
            return;
        handle.Dispose();
        throw Refuse(Descriptors);
    }
}
