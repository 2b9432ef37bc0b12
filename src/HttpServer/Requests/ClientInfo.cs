using System.Net;
using System.Text;
using Http.Server.Proxies;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>The client of a request, as trusted proxies name it, or else as the connection has it.</summary>
internal sealed class ClientInfo
{
    private ForwardedRequest? _forwarded;
    private EndPoint? _forwardedAddress;
    private string? _forwardedText;
    private string? _peerText;

    /// <summary>Forgets the request; the connection stays.</summary>
    public void Reset()
    {
        if (_forwarded is null)
            return;
        _forwarded = null;
        _forwardedAddress = null;
        _forwardedText = null;
    }

    /// <summary>Reads what the proxy in front says of the request.</summary>
    public void Read(Connection connection)
    {
        _forwarded = ForwardedRequest.Read(connection.Input.Head, connection.Input.HeadBytes, connection.IsTrusted);
        if (ReferenceEquals(_forwarded, ForwardedRequest.Unreadable))
            connection.Options.Log.Message(
                LogLevel.Debug, TextOf(connection),
                    "What the proxy says of a request is malformed, or contradicts itself: it is ignored.");
    }

    public EndPoint AddressOf(Connection connection) => _forwarded?.Client is { } address
        ? _forwardedAddress ??= new IPEndPoint(address, _forwarded.ClientPort)
        : connection.Remote;

    /// <summary>The client's address for the log, <c>-</c> for none; that of the connection is made once.</summary>
    public string TextOf(Connection connection) => _forwarded?.Client is { } address
        ? _forwardedText ??= address.ToString()
        : _peerText ??= connection.Remote is IPEndPoint { Address: var peer } ? peer.ToString() : "-";

    public bool IsSecure(IHttpServer server) => _forwarded?.IsSecure ?? server.IsSecure;

    /// <summary>The host that the client asked for; null if it did not say.</summary>
    public string? FindHost(Connection connection, IHttpServer server)
    {
        if (_forwarded is { Host: { } forwarded })
            return _forwarded.Port == 0 || HasPort(forwarded) || _forwarded.Port == DefaultPort(server)
                ? forwarded
                : string.Create(null, $"{forwarded}:{_forwarded.Port}");
        var head = connection.Input.Head;
        return head.HasHost ? Encoding.Latin1.GetString(head.Host.Of(connection.Input.HeadBytes)) : null;
    }

    /// <summary>What <see cref="FindHost"/> gives, as bytes; empty if there is none.</summary>
    public ReadOnlySpan<byte> FindHostBytes(Connection connection, IHttpServer server)
    {
        if (_forwarded is { Host: not null })
            return Encoding.ASCII.GetBytes(FindHost(connection, server)!);
        var head = connection.Input.Head;
        return head.HasHost ? head.Host.Of(connection.Input.HeadBytes) : default;
    }

    /// <summary>The port that the client connected to, as far as that is known.</summary>
    public int FindPort(Connection connection, IHttpServer server)
    {
        if (_forwarded is null or { Port: 0, IsSecure: null, Host: null })
            return server.ServerPort;
        if (_forwarded.Port != 0)
            return _forwarded.Port;
        return FindHost(connection, server) is { } host && TryGetPort(host, out var port) ? port : DefaultPort(server);
    }

    /// <summary>Whether what the client sends could be read on its way here.</summary>
    public bool IsFromElsewhere(Connection connection) => IsElsewhere(connection.Peer) || IsElsewhere(AddressOf(connection))
        || !IsKnown(connection);

    /// <summary>Whether the address is the client's own, and not that of a proxy that has not told it.</summary>
    public bool IsKnown(Connection connection) => connection.IsClientKnown && _forwarded is not { IsClientKnown: false };

    public static bool HasPort(string host) => host.LastIndexOf(':') > host.LastIndexOf(']');

    public static bool TryGetPort(string host, out int port)
    {
        port = 0;
        return HasPort(host) && int.TryParse(host.AsSpan(host.LastIndexOf(':') + 1), out port);
    }

    private static bool IsElsewhere(EndPoint end) => end is IPEndPoint { Address: var address }
        && !IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private int DefaultPort(IHttpServer server) => IsSecure(server) ? 443 : 80;
}
