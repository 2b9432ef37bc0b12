using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Http.Server.Headers;

namespace Http.Server.Pages;

/// <summary>Error answers for programs (RFC 9457).</summary>
internal static class ProblemDetails
{
    public const string ContentType = "application/problem+json";

    // The page's type comes first, so it is sent to a client without a preference.
    private static readonly string[] Types = ["text/html", "application/json", ContentType];

    // The text is read as JSON alone, so letters of all scripts are written as they are.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a client would rather have JSON than a page.</summary>
    /// <param name="accept">Its Accept header; empty if there is none.</param>
    public static bool ArePreferred(ReadOnlySpan<byte> accept) => !accept.IsEmpty && AcceptHeader.Choose(accept, Types) > 0;

    /// <summary>Makes the document.</summary>
    /// <param name="code">The status.</param>
    /// <param name="title">What the status means.</param>
    /// <param name="detail">What it means for this request.</param>
    public static byte[] Render(int code, string title, string detail)
    {
        var text = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(text, Options))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", title);
            json.WriteNumber("status", code);
            json.WriteString("detail", detail);
            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }
}
