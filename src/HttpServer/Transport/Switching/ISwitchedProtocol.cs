namespace Http.Server.Transport.Switching;

/// <summary>
/// The protocol that has taken HTTP's place on a connection (RFC 9110, section 7.8), as far as the server has something to tell
/// it.
/// </summary>
internal interface ISwitchedProtocol
{
    /// <summary>Called by the server's sweep: what has waited too long ends.</summary>
    /// <param name="now">By the server's clock, in milliseconds.</param>
    void Check(long now);

    /// <summary>The server ends: the protocol says goodbye in its own words. It may be told so more than once.</summary>
    void EndSoon();
}
