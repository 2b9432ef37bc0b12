using System.Net;
using System.Text;
using Http.Server.Proxies;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Who asks, and for whom: the client as it is seen in front of trusted proxies.</content>
public abstract partial class BaseHttpRequestHandler
{
    private ForwardedRequest? _forwarded;
    private EndPoint? _forwardedClient;
    private string? _forwardedText;
    private string? _peerText;

    /// <summary>
    /// The client: an <see cref="IPEndPoint"/>, or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>. Of a request that came through
    /// trusted proxies (<see cref="HttpServerOptions.TrustedProxies"/>) it is the address that these name, its port 0 if they do not tell it.
    /// </summary>
    public EndPoint ClientAddress => _forwarded?.Client is { } address
        ? _forwardedClient ??= new IPEndPoint(address, _forwarded.ClientPort)
        : Connection.Remote;

    /// <summary>The other end of the connection: the client, or the proxy that is next to this server.</summary>
    public EndPoint PeerAddress => Connection.Peer;

    /// <summary>Whether the client speaks HTTPS: with this server, or with a trusted proxy that says so.</summary>
    public bool IsSecure => _forwarded?.IsSecure ?? Server.IsSecure;

    /// <summary><c>https</c> or <c>http</c>, as <see cref="IsSecure"/> has it.</summary>
    public string Scheme => IsSecure ? "https" : "http";

    /// <summary>
    /// The host that the client asked for, with its port if it is not the scheme's own: what a trusted proxy says, or else the Host header.
    /// Null if there is neither.
    /// </summary>
    public string? Host
    {
        get
        {
            if (_forwarded is { Host: { } forwarded })
                return _forwarded.Port == 0 || HasPort(forwarded) || _forwarded.Port == DefaultPort ? forwarded : string.Create(null, $"{forwarded}:{_forwarded.Port}");
            return Head.HasHost ? Encoding.Latin1.GetString(Head.Host.Of(HeadBytes)) : null;
        }
    }

    /// <summary>What <see cref="Host"/> gives, as bytes; empty if there is none.</summary>
    private ReadOnlySpan<byte> HostBytes => _forwarded is { Host: not null } ? Encoding.ASCII.GetBytes(Host!) : Head.HasHost ? Head.Host.Of(HeadBytes) : default;

    /// <summary>The port that the client connected to, as far as that is known.</summary>
    internal int ClientFacingPort
    {
        get
        {
            if (_forwarded is null or { Port: 0, IsSecure: null, Host: null })
                return Server.ServerPort;
            if (_forwarded.Port != 0)
                return _forwarded.Port;
            return Host is { } host && TryGetPort(host, out var port) ? port : DefaultPort;
        }
    }

    /// <summary>The client's address for the log; that of the connection is made once.</summary>
    internal string ClientText => _forwarded?.Client is { } address
        ? _forwardedText ??= address.ToString()
        : _peerText ??= Connection.Remote is IPEndPoint { Address: var peer } ? peer.ToString() : "-";

    private int DefaultPort => IsSecure ? 443 : 80;

    /// <summary>What the client sends could be read on its way here.</summary>
    private bool IsFromElsewhere => IsElsewhere(Connection.Peer) || IsElsewhere(ClientAddress) || !Connection.IsClientKnown || _forwarded is { IsClientKnown: false };

    private static bool IsElsewhere(EndPoint end) => end is IPEndPoint { Address: var address }
        && !IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool HasPort(string host) => host.LastIndexOf(':') > host.LastIndexOf(']');

    private static bool TryGetPort(string host, out int port)
    {
        port = 0;
        return HasPort(host) && int.TryParse(host.AsSpan(host.LastIndexOf(':') + 1), out port);
    }

    /// <summary>Reads what the proxy in front says of the request.</summary>
    private void ReadForwarded()
    {
        _forwarded = ForwardedRequest.Read(Head, HeadBytes, Connection.IsTrusted);
        if (ReferenceEquals(_forwarded, ForwardedRequest.Unreadable))
            Connection.Options.Log.Message(LogLevel.Debug, ClientText, "What the proxy says of a request is malformed, or contradicts itself: it is ignored.");
    }

    private void ForgetForwarded()
    {
        _forwarded = null;
        _forwardedClient = null;
        _forwardedText = null;
    }

    /// <summary>Waits for something for as long as the client does.</summary>
    /// <param name="wait">Is told when the client has left, and then ends with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ConnectionEndedException">The client has left.</exception>
    private protected async ValueTask<T> WaitWithClientAsync<T>(Func<CancellationToken, ValueTask<T>> wait)
    {
        using var left = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        var watching = WatchAsync();
        try
        {
            return await wait(left.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            throw new ConnectionEndedException("The client left while its request waited.");
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }

        async Task WatchAsync()
        {
            if (await WaitForDepartureAsync(done.Token).ConfigureAwait(false))
                await left.CancelAsync().ConfigureAwait(false);
        }
    }
}
