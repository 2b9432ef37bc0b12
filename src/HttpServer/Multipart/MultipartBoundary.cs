using Http.Server.Headers;
using Http.Server.Protocol;

namespace Http.Server.Multipart;

/// <summary>The boundary of a multipart body (RFC 2046, section 5.1.1).</summary>
internal static class MultipartBoundary
{
    /// <summary>The boundary that a Content-Type names.</summary>
    /// <returns>Null if the type is not multipart, or there is not one valid boundary.</returns>
    public static string? Of(ReadOnlySpan<char> contentType)
    {
        var end = contentType.IndexOf(';');
        if (end < 0)
            return null;
        var type = contentType[..end].Trim(" \t");
        if (!type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            || !HttpGrammar.IsToken(type["multipart/".Length..]))
            return null;
        string? boundary = null;
        var parameters = new HeaderParameters(contentType[end..]);
        while (parameters.MoveNext())
        {
            if (!parameters.Is("boundary"))
                continue;
            if (boundary is not null)
                return null;
            boundary = parameters.ToText();
        }

        return !parameters.IsMalformed && IsValid(boundary) ? boundary : null;
    }

    /// <summary>Whether it is 1 to 70 <c>bchars</c> that do not end in a space.</summary>
    public static bool IsValid(ReadOnlySpan<char> boundary)
    {
        foreach (var c in boundary)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"'()+_,-./:=? ".Contains(c, StringComparison.Ordinal))
                return false;
        }

        return boundary.Length is >= 1 and <= 70 && boundary[^1] != ' ';
    }
}
