namespace Http.Server.Benchmarks.Micro;

/// <summary>Writes heads without a request, into its connection's buffer.</summary>
internal sealed class HeadWriter : BaseHttpRequestHandler
{
    /// <summary>
    /// Writes a head with the headers of a file, and takes it back. It is an interim one (RFC 9110, section 15.2), after which another
    /// may follow at once; a final one differs only in that its body's framing is chosen.
    /// </summary>
    /// <returns>Its length in bytes.</returns>
    public int WriteHead()
    {
        SendResponse(103);
        SendHeader("Content-Type", "text/html; charset=utf-8");
        SendHeader("Content-Length", "1024");
        SendHeader("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        SendHeader("ETag", "\"400-8dcd2f7a1c3e500\"");
        SendHeader("Cache-Control", "no-cache");
        SendHeader("Accept-Ranges", "bytes");
        EndHeaders();
        var length = Connection.Output.Count;
        Connection.Output.TryRollBack();
        return length;
    }
}
