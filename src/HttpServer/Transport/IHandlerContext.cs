namespace Http.Server.Transport;

/// <summary>What a feature sees of the handler that it answers for: the request, and the ways to answer it.</summary>
internal interface IHandlerContext
{
    Connection Connection { get; }

    IHttpServer Server { get; }

    string Command { get; }

    HttpHeaders Headers { get; }

    /// <summary>When the request had been read, in UTC.</summary>
    DateTime RequestTime { get; }

    Stream Rfile { get; }

    Stream Wfile { get; }

    void SendResponse(int code, string? message = null);

    void SendHeader(string keyword, string value);

    /// <summary>
    /// Whether headers go out as they are given: no class's own code takes part, and none takes another one's place.
    /// </summary>
    bool SendsHeadersAsGiven { get; }

    /// <summary>Sends headers that an earlier answer had.</summary>
    void SendHeaders(HeaderLines lines);

    void EndHeaders();

    void SendError(int code, string? message = null, string? explain = null);

    /// <summary>A date as headers carry it; null for now.</summary>
    string DateTimeString(DateTimeOffset? timestamp = null);

    void LogMessage(string format, params object?[] args);

    /// <summary>An answer has begun.</summary>
    bool HasAnswered { get; }

    Task<bool> WaitForDepartureAsync(CancellationToken cancellationToken);
}
