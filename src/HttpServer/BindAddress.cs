using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Http.Server.Interop;

namespace Http.Server;

/// <summary>Turns what a user writes for an address into end points to listen at.</summary>
public static class BindAddress
{
    /// <summary>Standard input, output and error come before (SD_LISTEN_FDS_START).</summary>
    private const int FirstInherited = 3;

    private const int MaxInherited = 256;

    /// <summary>Reads one address.</summary>
    /// <param name="text">
    /// Empty or <c>*</c> for all interfaces of both families; an IPv4 or IPv6 address, the latter with or without brackets;
    /// <c>localhost</c> for both loopbacks; <c>unix:PATH</c> for a Unix domain socket; <c>fd:3</c>, or <c>fd:NAME</c> by
    /// systemd's <c>FileDescriptorName=</c>, for a socket that listens already and was handed on to this process; or a host name
    /// of this machine.
    /// </param>
    /// <param name="port">0 to 65535; 0 for a free port.</param>
    /// <exception cref="ServerStartException">The name has no address; the message names it.</exception>
    public static IReadOnlyList<EndPoint> Resolve(string? text, int port)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        if (string.IsNullOrEmpty(text) || text == "*")
            return [new IPEndPoint(IPAddress.IPv6Any, port)];
        if (text.StartsWith("unix:", StringComparison.Ordinal))
            return [MakeUnix(text[5..])];
        if (text.StartsWith("fd:", StringComparison.Ordinal))
            return [FindDescriptor(text[3..])];
        if (text.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return Loopbacks(port);
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        // The usual address is not parsed: compiling the parser would take some milliseconds of a program's start.
        if (bare == "127.0.0.1")
            return [new IPEndPoint(IPAddress.Loopback, port)];
        if (IPAddress.TryParse(bare, out var address))
            return LooksLikeAddress(bare) ? [new IPEndPoint(address, port)] : throw Unknown(text, null);
        return [.. LookUp(text).Select(found => new IPEndPoint(found, port))];
    }

    /// <summary>
    /// The sockets that a service manager has handed on to this process by <c>LISTEN_PID</c> and <c>LISTEN_FDS</c>
    /// (sd_listen_fds(3)); empty if there are none.
    /// </summary>
    public static IReadOnlyList<EndPoint> FindInherited() => Environment.GetEnvironmentVariable("LISTEN_PID")
        == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        && int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var count)
        && count <= MaxInherited
            ? [.. Enumerable.Range(FirstInherited, count).Select(static descriptor => new DescriptorEndPoint(descriptor))]
            : [];

    private static DescriptorEndPoint FindDescriptor(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= FirstInherited)
            return new DescriptorEndPoint(number);
        var names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES")?.Split(':') ?? [];
        var at = text.Length == 0 ? -1 : Array.IndexOf(names, text);
        return at >= 0
            ? new DescriptorEndPoint(FirstInherited + at)
            : throw new ServerStartException(
                $"Cannot listen at 'fd:{text}': no socket of this name was handed on to the program. "
                + "Give a number from 3 on, such as fd:3, or a name of FileDescriptorName= in a socket unit of systemd.");
    }

    // IPAddress takes "1" and "0x7f.1" for addresses too; a user who writes these means something else.
    private static bool LooksLikeAddress(string text) => text.Contains(':') || text.Count(c => c == '.') == 3;

    private static UnixDomainSocketEndPoint MakeUnix(string path)
    {
        if (path.Length == 0)
            throw new ServerStartException("Cannot listen at 'unix:': it has no path. Give one: unix:PATH.");
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new ServerStartException(
                $"Cannot listen at unix:{path}: the path is longer than the system permits. Choose a shorter one.", exception);
        }
    }

    private static List<EndPoint> Loopbacks(int port)
    {
        var found = new List<EndPoint> { new IPEndPoint(IPAddress.Loopback, port) };
        if (HasIPv6Loopback())
            found.Add(new IPEndPoint(IPAddress.IPv6Loopback, port));
        return found;
    }

    private static bool HasIPv6Loopback()
    {
        if (!Socket.OSSupportsIPv6)
            return false;
        try
        {
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPAddress[] LookUp(string name)
    {
        try
        {
            var addresses = Dns.GetHostAddresses(name);
            if (addresses.Length > 0)
                return addresses;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw Unknown(name, exception);
        }

        throw Unknown(name, null);
    }

    private static ServerStartException Unknown(string name, Exception? inner) =>
        new($"Cannot listen at '{name}': no address is known for it. "
            + "Give an IP address of this machine, localhost, or nothing for all interfaces.", inner);
}
