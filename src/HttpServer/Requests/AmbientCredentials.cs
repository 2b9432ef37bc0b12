using System.Text;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>
/// What a browser sends to a server by itself, whichever page has it send the request. Tokens and keys in fields are none: a page
/// of another origin does not know them.
/// </summary>
internal static class AmbientCredentials
{
    private static readonly string[] Schemes = ["Basic", "Digest", "Negotiate", "NTLM"];

    /// <summary>Whether a request has some, and a method that is not safe (RFC 9110, section 9.2.1).</summary>
    /// <param name="request">The request.</param>
    /// <param name="authType">How it was authenticated; null if it was not.</param>
    public static bool MayBeIn(IHandlerContext request, string? authType)
    {
        if (request.Command is "GET" or "HEAD" or "OPTIONS" or "TRACE")
            return false;
        var head = request.Connection.Input.Head;
        var bytes = request.Connection.Input.HeadBytes;
        head.Find(bytes, "cookie"u8, out var hasCookie);
        return hasCookie || authType is "Basic" or "Negotiate" or "ClientCertificate"
            || IsSent(head.Find(bytes, "authorization"u8, out _));
    }

    private static bool IsSent(ReadOnlySpan<byte> authorization)
    {
        foreach (var scheme in Schemes)
        {
            if (authorization.Length >= scheme.Length && Ascii.EqualsIgnoreCase(authorization[..scheme.Length], scheme))
                return true;
        }

        return false;
    }
}
