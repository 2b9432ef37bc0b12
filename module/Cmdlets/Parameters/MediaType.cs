using System.Net.Http.Headers;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>What a header <c>Content-Type</c> may say (RFC 9110, section 8.3).</summary>
internal static class MediaType
{
    /// <summary>Whether a text is a media type: a type and a subtype, with parameters perhaps.</summary>
    public static bool Is(string text) =>
        MediaTypeHeaderValue.TryParse(text, out var type) && type.MediaType is { } name && name.IndexOf('/') is > 0 and var slash
            && slash < name.Length - 1
        && text.All(static letter => letter is >= ' ' and < '\u007f');
}
