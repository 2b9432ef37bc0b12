using System.Net;
using System.Text;
using Http.Server.Sessions;
using Http.Server.Transport;

namespace Http.Server.Authentication;

/// <summary>What a scheme sees of a request.</summary>
/// <param name="Connection">The connection, whose input has the request's head.</param>
/// <param name="Client">The client's end of it, or what a trusted proxy says of it.</param>
/// <param name="Session">The session of the request; null for a server that keeps none.</param>
internal readonly record struct SchemeRequest(Connection Connection, EndPoint Client, RequestSession? Session = null)
{
    /// <summary>The one field of a name, given in lower case; nothing if there are several, of which others might believe
    /// another.</summary>
    public ReadOnlySpan<byte> FindField(ReadOnlySpan<byte> name)
    {
        var bytes = Connection.Input.HeadBytes;
        ReadOnlySpan<byte> value = default;
        var count = 0;
        foreach (ref readonly var header in Connection.Input.Head.Headers)
        {
            if (header.Name.Length == name.Length && Ascii.EqualsIgnoreCase(header.Name.Of(bytes), name) && count++ == 0)
                value = header.Value.Of(bytes);
        }

        return count == 1 ? value : default;
    }

    /// <summary>Whether there is a field of a name, given in lower case, however often.</summary>
    public bool HasField(ReadOnlySpan<byte> name)
    {
        Connection.Input.Head.Find(Connection.Input.HeadBytes, name, out var isThere);
        return isThere;
    }
}
