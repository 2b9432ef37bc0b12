using System.Globalization;
using System.Security.Cryptography;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>The document, or its page, as it is sent.</summary>
/// <param name="content">The bytes.</param>
/// <param name="type">The Content-Type.</param>
/// <param name="policy">What the page may load; null for the document.</param>
internal sealed class ApiPage(byte[] content, string type, string? policy)
{
    private readonly string _tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"";

    /// <summary>Answers GET and HEAD.</summary>
    public async ValueTask SendAsync(BaseHttpRequestHandler handler)
    {
        var isKnown = handler.Headers["If-None-Match"] is { } tags
            && (tags.Trim() == "*" || tags.Contains(_tag, StringComparison.Ordinal));
        handler.SendResponse(isKnown ? 304 : 200);
        handler.SendHeader("ETag", _tag);
        // It changes with the handlers, so each time it is asked whether it has.
        handler.SendHeader("Cache-Control", "no-cache");
        if (!isKnown)
        {
            handler.SendHeader("Content-Type", type);
            handler.SendHeader("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
            if (policy is not null)
                handler.SendHeader("Content-Security-Policy", policy);
        }

        handler.EndHeaders();
        if (!isKnown && handler.Command != "HEAD")
            await handler.Wfile.WriteAsync(content).ConfigureAwait(false);
    }
}
