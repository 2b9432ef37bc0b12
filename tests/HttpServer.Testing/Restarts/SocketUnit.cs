using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Http.Server.Tests.Support.Restarts;

/// <summary>
/// A socket that listens at a free port of the loopback address for as long as the object lives, and is handed on to one process
/// after the other, as systemd does it with that of a socket unit (sd_listen_fds(3)).
/// </summary>
internal sealed partial class SocketUnit : IDisposable
{
    /// <summary>What systemd gives a socket unit is the most that the system permits; Linux makes less of a greater one.</summary>
    private const int Backlog = 4096;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public SocketUnit()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(Backlog);
    }

    /// <summary>Where clients come, at the loopback address.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Why sockets cannot be handed on here; null if they can.</summary>
    public static string? FindObstacle() => OperatingSystem.IsLinux() ? null : "Sockets are handed on by systemd alone.";

    /// <summary>Has a command begin with descriptor 3 as the socket, and with the variables that say so.</summary>
    /// <param name="bash">The path of bash: sh has no descriptors above 9.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="start">Starts a command.</param>
    public T Hand<T>(string bash, IEnumerable<string> command, Func<string[], T> start)
    {
        // Unlike all other descriptors of .NET, a duplicate goes to programs that are started; so it is there only meanwhile.
        var handed = Duplicate((int)_socket.Handle);
        if (handed < 0)
            throw new InvalidOperationException("There is no descriptor for another socket.");
        try
        {
            var script = string.Create(CultureInfo.InvariantCulture,
                $"exec 3<&{handed} {handed}<&-; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\"");
            return start([bash, "-c", script, .. command]);
        }
        finally
        {
            _ = Close(handed);
        }
    }

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
