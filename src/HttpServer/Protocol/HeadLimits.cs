namespace Http.Server.Protocol;

/// <summary>The limits a request head is held to; defaults and origins are in <see cref="HttpServerOptions"/>.</summary>
/// <param name="RequestLine">Bytes of the request line without its CRLF.</param>
/// <param name="HeaderBytes">Bytes of all header lines together.</param>
/// <param name="HeaderCount">Number of header fields.</param>
internal readonly record struct HeadLimits(int RequestLine, int HeaderBytes, int HeaderCount)
{
    /// <summary>
    /// More than this many bytes are never kept for one head: both parts, their CRLFs and an empty line
    /// before.
    /// </summary>
    public int TotalBytes => RequestLine + HeaderBytes + 8;
}
