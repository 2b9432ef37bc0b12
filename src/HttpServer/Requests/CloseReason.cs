namespace Http.Server.Requests;

/// <summary>Why a connection ends after a request.</summary>
internal enum CloseReason
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>The client has ended its side, or there was no request.</summary>
    NoRequest,

    /// <summary>The request says so: <c>Connection: close</c>, or HTTP/1.0 without <c>keep-alive</c>.</summary>
    AskedByClient,

    /// <summary>The handler speaks HTTP/1.0.</summary>
    ServerSpeaksHttp10,

    /// <summary>It was the last request that a connection may bring.</summary>
    RequestLimit,

    /// <summary>The server is about to end.</summary>
    ServerEnds,

    /// <summary>The request was refused: where the next one begins is in doubt.</summary>
    RequestRefused,

    /// <summary>The handler has set <c>CloseConnection</c>.</summary>
    SetByHandler,

    /// <summary>The answer has <c>Connection: close</c>.</summary>
    SaidInAnswer,

    /// <summary>The end of the connection is the end of the answer's body, which has no length.</summary>
    BodyWithoutLength,

    /// <summary>The handler frames its body by itself, rightly or not.</summary>
    FramedByHandler,

    /// <summary>The answer was written as raw bytes.</summary>
    RawAnswer,

    /// <summary>The protocol was switched (101), or the target is that of a tunnel.</summary>
    OtherProtocol,

    /// <summary>The body of the answer is not as long as its head says.</summary>
    LengthBroken,

    /// <summary>Part of an answer that failed is on its way.</summary>
    AnswerBroken,

    /// <summary>The rest of the request's body is in the way of the next request.</summary>
    BodyUnread,
}
