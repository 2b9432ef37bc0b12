namespace Http.Server.Requests;

/// <summary>Decides whether the connection goes on after a request; the one place that does (RFC 9112, section 9.3).</summary>
internal sealed class KeepAlive
{
    /// <summary>Why the connection ends: the first reason that there was.</summary>
    public CloseReason Reason { get; private set; } = CloseReason.NoRequest;

    /// <summary>The connection ends after this request.</summary>
    public bool IsDisabled => Reason != CloseReason.None;

    /// <summary>Why the connection ends with a request, by its head and by the server's settings.</summary>
    public static CloseReason FindReason(IRequestHandler handler)
    {
        var (connection, head) = (handler.Connection, handler.Connection.Input.Head);
        if (handler.ProtocolVersion != "HTTP/1.1")
            return CloseReason.ServerSpeaksHttp10;
        if (head.ConnectionClose || (head.MinorVersion == 0 && !head.ConnectionKeepAlive))
            return CloseReason.AskedByClient;
        if (connection.RequestCount == connection.Options.MaxRequestsPerConnection)
            return CloseReason.RequestLimit;
        return handler.Server.IsDraining ? CloseReason.ServerEnds : CloseReason.None;
    }

    /// <summary>Begins a request.</summary>
    /// <param name="reason">Why the connection ends in any case; none if it may go on.</param>
    public void Begin(CloseReason reason) => Reason = reason;

    /// <summary>Has the connection end.</summary>
    public void Disable(CloseReason reason)
    {
        if (!IsDisabled)
            Reason = reason;
    }

    /// <summary>Has the connection go on: a handler says so, and answers for it.</summary>
    public void Enable() => Reason = CloseReason.None;

    /// <summary>The reason in words, for the log.</summary>
    public static string Describe(CloseReason reason) => reason switch
    {
        CloseReason.AskedByClient => "The connection ends: the request asks for it.",
        CloseReason.ServerSpeaksHttp10 => "The connection ends: the handler speaks HTTP/1.0.",
        CloseReason.RequestLimit => "The connection ends: it has brought as many requests as one may.",
        CloseReason.ServerEnds => "The connection ends: the server is about to end.",
        CloseReason.RequestRefused => "The connection ends: the request was refused, and the next one's beginning is in doubt.",
        CloseReason.SetByHandler => "The connection ends: the handler has set CloseConnection.",
        CloseReason.SaidInAnswer => "The connection ends: the answer says Connection: close.",
        CloseReason.BodyWithoutLength => "The connection ends: that is the end of a body without a length.",
        CloseReason.FramedByHandler => "The connection ends: the handler frames its body by itself.",
        CloseReason.RawAnswer => "The connection ends: the answer was written as raw bytes.",
        CloseReason.OtherProtocol => "The connection ends: what follows may be of another protocol.",
        CloseReason.LengthBroken => "The connection ends: the answer's body is not as long as its head says.",
        CloseReason.AnswerBroken => "The connection ends: part of an answer that failed is on its way.",
        CloseReason.BodyUnread => "The connection ends: the rest of the request's body is in the way.",
        _ => "The connection ends.",
    };
}
