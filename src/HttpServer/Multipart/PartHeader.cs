using System.Text;
using System.Text.Unicode;
using Http.Server.Protocol;

namespace Http.Server.Multipart;

/// <summary>A header line of a part of a multipart body (RFC 7578, section 4.8).</summary>
internal static class PartHeader
{
    /// <summary>Reads a line.</summary>
    /// <param name="line">The line without its CRLF.</param>
    /// <param name="name">The name as sent.</param>
    /// <param name="value">The value without the white space around it: UTF-8 where it is valid, else Latin-1.</param>
    /// <returns>Null, or what is wrong with the line.</returns>
    /// <remarks>
    /// Unlike in a request's head all controls but NUL pass: browsers and curl send those of names as they
    /// are.
    /// </remarks>
    public static RequestFault? Parse(ReadOnlySpan<byte> line, out string name, out string value)
    {
        name = value = "";
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || !HttpGrammar.IsToken(line[..colon]) || line.IndexOfAny((byte)'\0', (byte)'\r', (byte)'\n') >= 0)
            return RequestFault.PartHeader;
        var text = HttpGrammar.TrimOws(line[(colon + 1)..]);
        name = Encoding.ASCII.GetString(line[..colon]);
        value = (Utf8.IsValid(text) ? Encoding.UTF8 : Encoding.Latin1).GetString(text);
        return null;
    }
}
