namespace Http.Server.Transport;

/// <summary>What came of waiting for a request.</summary>
internal enum HeadOutcome
{
    /// <summary>A request head has been read.</summary>
    Request,

    /// <summary>There is no further request: the client or the server ends the connection.</summary>
    Closed,

    /// <summary>What came is no request; <see cref="RequestReader.Fault"/> says why.</summary>
    Refused,
}
