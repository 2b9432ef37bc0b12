namespace Http.Server;

/// <summary>
/// Takes what a server has to tell. An implementation is called from many threads at once and must not block for
/// long.
/// </summary>
public interface IHttpLog
{
    /// <summary>Whether <see cref="Request"/> does anything; if not, records are not even made. Default true.</summary>
    bool TakesRequests => true;

    /// <summary>One request has been answered, or its answer was broken off.</summary>
    void Request(in RequestRecord record);

    /// <summary>Something else happened.</summary>
    /// <param name="level">How grave it is.</param>
    /// <param name="client">The client it concerns, as text; null if none.</param>
    /// <param name="message">The text, not yet escaped: an implementation must escape control characters before it shows
    /// them.</param>
    void Message(LogLevel level, string? client, string message);

    /// <summary>
    /// A handler has thrown what is no fault of the client, who is answered with a plain 500. By default it becomes a message
    /// with the stack trace.
    /// </summary>
    /// <param name="client">The client, as text; null if unknown.</param>
    /// <param name="requestId">The request; see <see cref="RequestRecord.Id"/>.</param>
    /// <param name="what">What failed, as the beginning of a sentence.</param>
    /// <param name="exception">What was thrown.</param>
    void Fault(string? client, string requestId, string what, Exception exception) =>
        Message(LogLevel.Error, client, $"{what}: {exception}");
}
