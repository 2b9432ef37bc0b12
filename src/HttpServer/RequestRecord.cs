namespace Http.Server;

/// <summary>One answered request, as the log is told of it. The spans are valid during the call only, and are not escaped.</summary>
public readonly ref struct RequestRecord
{
    /// <summary>When the request had been read, in UTC.</summary>
    public DateTime Time { get; init; }

    /// <summary>From the end of the request head to the end of the answer.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The client's address as text, without the port.</summary>
    public string Client { get; init; }

    /// <summary>Whom the request was authenticated as; null if nobody.</summary>
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
}
