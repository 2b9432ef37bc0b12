namespace Http.Server.Transport;

/// <summary>How the end of a response body is told (RFC 9112, section 6).</summary>
internal enum Framing
{
    /// <summary>No head has been sent: the handler's bytes go out as they are, and the connection ends with them.</summary>
    Raw,

    /// <summary>A head has been begun and not ended: nothing can be written.</summary>
    HeadOpen,

    /// <summary>By Content-Length.</summary>
    Length,

    /// <summary>By chunks.</summary>
    Chunked,

    /// <summary>By the end of the connection.</summary>
    Close,

    /// <summary>There is no body: HEAD, 204, 304, and a 205 that announces none. What is written is dropped.</summary>
    None,
}
