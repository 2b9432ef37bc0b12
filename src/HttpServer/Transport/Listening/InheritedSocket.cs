using System.Net.Sockets;
using Http.Server.Interop;

namespace Http.Server.Transport.Listening;

/// <summary>Takes a socket that another process has opened: one of a socket unit of systemd, for example.</summary>
internal static class InheritedSocket
{
    // From fcntl.h of Linux and of macOS.
    private const int DuplicateCloseOnExecLinux = 1030;
    private const int DuplicateCloseOnExecMac = 67;

    private static int LastDescriptor;

    /// <summary>
    /// Opens it. The server gets a descriptor of its own, so that it can be closed and opened again, and programs that are
    /// started do not get it.
    /// </summary>
    /// <exception cref="ServerStartException">It is no socket that listens for connections.</exception>
    public static Socket Open(DescriptorEndPoint endPoint)
    {
        if (OperatingSystem.IsWindows())
            throw new ServerStartException($"Cannot listen at {endPoint}: Windows hands no sockets on. Give an address.");
        var command = OperatingSystem.IsMacOS() ? DuplicateCloseOnExecMac : DuplicateCloseOnExecLinux;
        // Epoll forgets a socket when all its descriptors are closed, and others have some. Until then it takes no socket of the
        // same number again: a server that follows one in this process gets a greater one, as long as there are any.
        var descriptor = Libc.FileControl(endPoint.Descriptor, command, Volatile.Read(ref LastDescriptor) + 1);
        if (descriptor < 0)
            descriptor = Libc.FileControl(endPoint.Descriptor, command, 0);
        Volatile.Write(ref LastDescriptor, descriptor);
        if (descriptor < 0)
            throw new ServerStartException($"Cannot listen at {endPoint}: the program was not started with this descriptor. "
                + "Start it by a socket unit of systemd, or by systemd-socket-activate, or give an address.");
        try
        {
            var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
            var socket = new Socket(handle);
            if (socket is { SocketType: SocketType.Stream, LocalEndPoint: not null } && IsListening(socket))
                return socket;
            socket.Dispose();
        }
        catch (SocketException)
        {
            // Not a socket; its handle is closed when it is collected.
        }

        throw new ServerStartException($"Cannot listen at {endPoint}: this descriptor is no stream socket that listens. "
            + "A socket unit of systemd has ListenStream= and Accept=no.");
    }

    private static bool IsListening(Socket socket) =>
        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is int value and not 0;
}
