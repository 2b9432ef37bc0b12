namespace Http.Server.Sessions;

/// <summary>How a server keeps sessions: what is known of a browser from one of its requests to the next.</summary>
public sealed record HttpSessionOptions
{
    /// <summary>How long a session is kept after its last request. Default 20 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>
    /// Most bytes of a session in the store; more is an error of the handler, and the session stays as it was. Default 65,536:
    /// a session is read and written as a whole.
    /// </summary>
    public int MaxBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// Most sessions in memory at once, for a store that is not shared: with one more, that which has not been used for longest
    /// ends, one without a user before any with one. Default 10,000. A shared store has limits of its own.
    /// </summary>
    public int MaxCount { get; init; } = 10_000;

    /// <summary>Most bytes of all sessions in memory, with the same outcome. Default 33,554,432 (32 MiB).</summary>
    public long MaxTotalBytes { get; init; } = 32L << 20;

    /// <summary>
    /// How long a request waits for another one that has the same session; then it is answered 503. Default 15 seconds.
    /// </summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The cookie's name, a token. Over HTTPS it is written with <c>__Host-</c> before it, by which browsers hold it to this very
    /// host (RFC 6265bis, section 4.1.3.2); over plain HTTP they would refuse a cookie of such a name. Default
    /// <c>HttpServerSession</c>.
    /// </summary>
    public string CookieName { get; init; } = "HttpServerSession";

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTotalBytes, MaxBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(LockTimeout, TimeSpan.Zero);
        if (!Protocol.HttpGrammar.IsToken(CookieName) || CookieName.StartsWith("__", StringComparison.Ordinal))
            throw new ArgumentException(
                $"'{CookieName}' is no name of the cookie: give letters and digits; __Host- is added where it may be.",
                nameof(CookieName));
    }
}
