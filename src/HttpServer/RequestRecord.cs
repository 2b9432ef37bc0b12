using System.Globalization;

namespace Http.Server;

/// <summary>
/// One answered request, as the log is told of it. The spans are valid during the call only, and are not
/// escaped.
/// </summary>
public readonly ref struct RequestRecord
{
    /// <summary>The number of the request's connection in this server, from 1.</summary>
    public long Connection { get; init; }

    /// <summary>The number of the request on its connection, from 1.</summary>
    public int Number { get; init; }

    /// <summary>Both numbers as one name, equal to the handler's <see cref="BaseHttpRequestHandler.RequestId"/>.</summary>
    public string Id => FormatId(Connection, Number);

    /// <summary>When the request had been read, in UTC.</summary>
    public DateTime Time { get; init; }

    /// <summary>The time from the end of the request head to the end of the answer.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The client's address as text, without the port.</summary>
    public string Client { get; init; }

    /// <summary>Whether the client speaks HTTPS, with this server or with a trusted proxy.</summary>
    public bool IsSecure { get; init; }

    /// <summary>
    /// The bytes of the host that the client asked for, by its Host header or as a trusted proxy says; empty if that is
    /// not known.
    /// </summary>
    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>The user that the request was authenticated as; null if it was not.</summary>
    public string? User { get; init; }

    /// <summary>The request line's bytes; empty if there was none.</summary>
    public ReadOnlySpan<byte> RequestLine { get; init; }

    /// <summary>The status code of the answer; 0 if there was none.</summary>
    public int Status { get; init; }

    /// <summary>Bytes of the answer's body.</summary>
    public long BodyBytes { get; init; }

    /// <summary>The Referer header's bytes; empty if there was none.</summary>
    public ReadOnlySpan<byte> Referer { get; init; }

    /// <summary>The User-Agent header's bytes; empty if there was none.</summary>
    public ReadOnlySpan<byte> UserAgent { get; init; }

    internal static string FormatId(long connection, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{connection}-{number}");
}
