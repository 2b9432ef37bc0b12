using System.Globalization;

namespace Http.Server.PowerShell;

/// <summary>One line of a server's log as an object: an answered request, or a message.</summary>
public sealed class HttpServerLogEntry
{
    /// <summary>When the request had been read, or the message was written; local time.</summary>
    public DateTime Time { get; init; }

    /// <summary>How grave it is; <see cref="LogLevel.Information"/> for requests.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>The name of the server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The request it is about, the same in all entries of a request; null if it is about none.</summary>
    public string? RequestId { get; init; }

    /// <summary>The client's address; null if it is about none.</summary>
    public string? Client { get; init; }

    /// <summary>The user that the request was authenticated as; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The request's method; null for a message.</summary>
    public string? Method { get; init; }

    /// <summary>The request's target as sent, escaped for a terminal; null for a message.</summary>
    public string? Path { get; init; }

    /// <summary>The answer's status; null for a message, 0 if there was no answer.</summary>
    public int? Status { get; init; }

    /// <summary>Bytes of the answer's body; null for a message.</summary>
    public long? Bytes { get; init; }

    /// <summary>The time from the end of the request head to the end of the answer; null for a message.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The Referer header, escaped for a terminal; null if there was none.</summary>
    public string? Referer { get; init; }

    /// <summary>The User-Agent header, escaped for a terminal; null if there was none.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The text of a message, escaped for a terminal; null for a request.</summary>
    public string? Message { get; init; }

    /// <summary>Whether it is an answered request.</summary>
    public bool IsRequest => Status is not null;

    /// <summary>
    /// The entry in one line; further lines of a message are indented, so that none passes for an entry of its
    /// own.
    /// </summary>
    public override string ToString() => IsRequest
        ? string.Create(CultureInfo.InvariantCulture,
            $"{Client} [{Time:yyyy-MM-dd HH:mm:ss}] \"{Method} {Path}\" {Status} {Bytes}")
        : string.Create(CultureInfo.InvariantCulture,
            $"{Client ?? "-"} [{Time:yyyy-MM-dd HH:mm:ss}] {Level}: "
                + $"{Message?.Replace("\n", "\n    ", StringComparison.Ordinal)}");
}
