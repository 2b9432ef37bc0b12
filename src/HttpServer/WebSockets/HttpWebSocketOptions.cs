namespace Http.Server.WebSockets;

/// <summary>What a server grants to WebSockets (RFC 6455), and what it takes of them.</summary>
public sealed record HttpWebSocketOptions
{
    /// <summary>The defaults.</summary>
    public static HttpWebSocketOptions Default { get; } = new();

    /// <summary>
    /// Longest message that is taken, in bytes; a longer one ends the WebSocket with 1009. A compressed message counts as long as
    /// it is unpacked. Default 1 MiB.
    /// </summary>
    public int MaxMessageSize { get; init; } = 1 << 20;

    /// <summary>
    /// How many messages and pings a client may send, whatever <see cref="RateLimit.Key"/> says; one that sends more is
    /// disconnected with 1008. Default null: any number. What comes faster than it is answered is not read meanwhile.
    /// </summary>
    public RateLimit? MessageRate { get; init; }

    /// <summary>
    /// After this time without a message in either direction the WebSocket is ended, with 1001. Default zero: never. Clients that
    /// have vanished are found by pings.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; }

    /// <summary>
    /// After this time without a byte of the client it is sent a ping, so that proxies do not take the connection for a dead one,
    /// and a client that has vanished is noticed. Default 20 seconds: the quickest of proxies and routers wait for half a minute.
    /// Zero sends none.
    /// </summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The time for the answer to a ping; without one the connection is cut. Default 20 seconds.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Messages that may wait for a client, beyond what the buffers of its connection hold. One that is further behind is
    /// disconnected. Default 1,000.
    /// </summary>
    public int Backlog { get; init; } = 1_000;

    /// <summary>The same in bytes; a single message may be longer. Default 4 MiB.</summary>
    public long MaxBacklogBytes { get; init; } = 4L << 20;

    /// <summary>Most channels that a WebSocket may be in at once. Default 100.</summary>
    public int MaxChannels { get; init; } = 100;

    /// <summary>
    /// The subprotocols that the server speaks. The first that the client asks for and that is one of them is agreed on; if there
    /// is none, a WebSocket without a subprotocol, which clients that need one end. Default none.
    /// </summary>
    public IReadOnlyList<string> SubProtocols { get; init; } = [];

    /// <summary>
    /// Whether messages of 1 KiB and more are sent compressed to clients that know permessage-deflate (RFC 7692), and compressed
    /// ones are taken. Default false: the length of a compressed message tells something of a secret in it, if a stranger has a
    /// say in another part of it. Each message is compressed for itself, so that a WebSocket at rest needs no memory for it.
    /// </summary>
    public bool AllowCompression { get; init; }

    /// <summary>
    /// Whether pages of other origins may open WebSockets. Default false: a browser sends cookies and passwords with the
    /// handshake whichever page opens it, and lets that page read what comes.
    /// </summary>
    public bool AllowCrossOrigin { get; init; }

    /// <summary>Throws if a figure makes no sense, and names it.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMessageSize, 1 << 30);
        ArgumentOutOfRangeException.ThrowIfNegative(IdleTimeout.Ticks, nameof(IdleTimeout));
        ArgumentOutOfRangeException.ThrowIfNegative(PingInterval.Ticks, nameof(PingInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(PingTimeout, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(Backlog, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBacklogBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxChannels);
        ArgumentNullException.ThrowIfNull(SubProtocols);
        if (SubProtocols.FirstOrDefault(static name => !Protocol.HttpGrammar.IsToken(name)) is { } wrong)
            throw new ArgumentException($"'{wrong}' is no subprotocol: its name is a token, graphql-ws say.",
                nameof(SubProtocols));
    }
}
