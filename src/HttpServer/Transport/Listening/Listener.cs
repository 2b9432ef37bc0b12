using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Http.Server.Interop;

namespace Http.Server.Transport.Listening;

/// <summary>Opens listening sockets, and says in words why one cannot be opened.</summary>
internal static class Listener
{
    /// <summary>
    /// With port 0 and several addresses, the port that the first gets may be taken at another: so often all are tried
    /// anew.
    /// </summary>
    private const int FreePortAttempts = 8;

    /// <summary>Listens at all end points or at none.</summary>
    /// <param name="endPoints">Where. Port 0 stands for a free port; behind the first, further port 0 take the same port.</param>
    /// <param name="backlog">Connections the system may hold.</param>
    /// <param name="portAttempts">Ports that are tried, from the given ones upward, while they are in use.</param>
    /// <exception cref="ServerStartException">One of them cannot be bound.</exception>
    public static Socket[] Open(IReadOnlyList<EndPoint> endPoints, int backlog, int portAttempts = 1)
    {
        if (endPoints.Count == 0)
            throw new ArgumentException("A server needs at least one address to listen at.", nameof(endPoints));

        var attempts = CountAttempts(endPoints, portAttempts, out var isFree);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return OpenAll(endPoints, backlog, isFree ? 0 : attempt - 1);
            }
            catch (ServerStartException exception) when (IsPortInUse(exception))
            {
                if (attempt < attempts)
                    continue;
                if (isFree || attempts == 1)
                    throw;
                throw new ServerStartException(
                    $"Cannot listen at {string.Join(", ", endPoints)}: this port and the next {attempts - 1} are in use. "
                    + "Choose another port, or use port 0 for a free one.",
                    exception.InnerException);
            }
        }
    }

    /// <summary>Closes a listening socket; .NET removes the file of a Unix domain socket with it.</summary>
    public static void Close(Socket socket) => socket.Dispose();

    /// <param name="endPoints">Where to listen.</param>
    /// <param name="portAttempts">Attempts that are wanted.</param>
    /// <param name="isFree">A free port is asked for. Those are not counted upward: the system chooses them.</param>
    private static int CountAttempts(IReadOnlyList<EndPoint> endPoints, int portAttempts, out bool isFree)
    {
        isFree = false;
        var highest = -1;
        foreach (var endPoint in endPoints)
        {
            if (endPoint is not IPEndPoint { Port: var port })
                continue;
            isFree |= port == 0;
            highest = Math.Max(highest, port);
        }

        if (isFree)
            return endPoints.Count > 1 ? FreePortAttempts : 1;
        return highest < 0 ? 1 : Math.Min(portAttempts, IPEndPoint.MaxPort - highest + 1);
    }

    private static Socket[] OpenAll(IReadOnlyList<EndPoint> endPoints, int backlog, int offset)
    {
        var sockets = new List<Socket>();
        try
        {
            var port = 0;
            foreach (var endPoint in endPoints)
            {
                var socket = Open(endPoint is IPEndPoint ip
                    ? new IPEndPoint(ip.Address, ip.Port == 0 ? port : ip.Port + offset)
                    : endPoint, backlog);
                sockets.Add(socket);
                if (port == 0 && socket.LocalEndPoint is IPEndPoint bound)
                    port = bound.Port;
            }

            return [.. sockets];
        }
        catch
        {
            foreach (var socket in sockets)
                Close(socket);
            throw;
        }
    }

    /// <summary>Not of a Unix domain socket, which has no port: there, another one would be in use as well.</summary>
    private static bool IsPortInUse(ServerStartException exception) =>
        exception is { InnerException: SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }, IsAtPort: true };

    private static Socket Open(EndPoint endPoint, int backlog)
    {
        if (endPoint is UnixDomainSocketEndPoint)
            return Listen(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), endPoint, backlog);
        if (endPoint is DescriptorEndPoint inherited)
            return InheritedSocket.Open(inherited);
        if (endPoint is not IPEndPoint ip)
            throw new ArgumentException(
                $"An address to listen at is an IP address or a Unix domain socket, not {endPoint.GetType().Name}.",
                nameof(endPoint));

        // "All interfaces" is one socket for both families where the system has both.
        if (ip.Address.Equals(IPAddress.IPv6Any) && Socket.OSSupportsIPv6)
        {
            try
            {
                var dual = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                dual.DualMode = Socket.OSSupportsIPv4;
                return Listen(dual, ip, backlog);
            }
            catch (ServerStartException exception)
                when (exception.InnerException is SocketException
                {
                    SocketErrorCode: SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable,
                })
            {
                // IPv6 is compiled in but switched off: IPv4 alone is all there is.
            }
        }

        if (ip.Address.Equals(IPAddress.IPv6Any))
            ip = new IPEndPoint(IPAddress.Any, ip.Port);
        return Listen(new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp), ip, backlog);
    }

    private static Socket Listen(Socket socket, EndPoint endPoint, int backlog)
    {
        try
        {
            // On Windows, without this another program could bind the same port and take over its connections. On Unix .NET
            // sets SO_REUSEADDR by itself, which only lets a restart pass over connections that are still ending.
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
                socket.ExclusiveAddressUse = true;
            if (endPoint is UnixDomainSocketEndPoint unix)
                RemoveStale(unix);
            socket.Bind(endPoint);
            socket.Listen(backlog);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new ServerStartException(Explain(endPoint, exception), exception) { IsAtPort = endPoint is IPEndPoint };
        }
    }

    /// <summary>
    /// A socket file that no process listens at is left over from a process that died, and in the way. Connecting to a plain file
    /// may be refused in the same way, so the kind of the file is looked at before anything is deleted.
    /// </summary>
    private static void RemoveStale(UnixDomainSocketEndPoint endPoint)
    {
        var path = endPoint.ToString();
        if (path[0] == '@' || !File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if (SocketFile.IsWhatRefused(path))
                File.Delete(path);
        }
        catch (SocketException)
        {
            // The process may have no right to the file, for example; binding then reports it.
        }
    }

    private static string Explain(EndPoint endPoint, Exception exception)
    {
        if (endPoint is UnixDomainSocketEndPoint unix)
            return ExplainUnix(unix.ToString(), exception);
        var port = ((IPEndPoint)endPoint).Port;
        return ((exception as SocketException)?.SocketErrorCode, port) switch
        {
            (SocketError.AddressAlreadyInUse, _) =>
                $"Cannot listen at {endPoint}: port {port} is in use. "
                + "Stop the program that uses it, choose another port, or use port 0 for a free one.",
            (SocketError.AccessDenied, < 1024) =>
            $"Cannot listen at {endPoint}: ports below 1024 need more rights. "
            + $"Choose a port from 1024 on, such as {8000 + (port % 1000)}.",
            (SocketError.AccessDenied, _) => $"Cannot listen at {endPoint}: the system does not permit it. Choose another port.",
            (SocketError.AddressNotAvailable, _) =>
            $"Cannot listen at {endPoint}: this machine has no such address. Choose one of its own addresses, or none for all.",
            _ => $"Cannot listen at {endPoint}: {exception.Message.TrimEnd('.')}. Choose another address or port.",
        };
    }

    private static string ExplainUnix(string path, Exception exception)
    {
        if ((exception as SocketException)?.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return $"Cannot listen at unix:{path}: another program listens there, or a file of that name is in the way. "
                + "Stop the program or choose another path.";
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return folder is not null && !Directory.Exists(folder)
            ? $"Cannot listen at unix:{path}: there is no directory {folder}. Make it or choose another path."
            : $"Cannot listen at unix:{path}: {exception.Message.TrimEnd('.')}. Choose another path.";
    }
}
