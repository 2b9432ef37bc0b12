namespace Http.Server.Cgi;

/// <summary>A server whose handlers share the number of programs that run at once.</summary>
internal interface IProgramHost
{
    /// <summary>The server's gate; made with the first handler's number of places.</summary>
    CgiGate FindGate(int places);
}
