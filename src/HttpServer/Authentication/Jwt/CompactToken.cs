using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Http.Server.Authentication.Jwt;

/// <summary>A signed token in its compact form (RFC 7515, section 7.1), taken apart and not yet verified.</summary>
internal sealed class CompactToken
{
    /// <summary>Longest token in bytes. Those of large providers have 1 to 4 KB.</summary>
    public const int MaxLength = 8192;

    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly byte[] _payload;

    private CompactToken(string algorithm, string? keyId, byte[] signed, byte[] payload, byte[] signature) =>
        (Algorithm, KeyId, Signed, _payload, Signature) = (algorithm, keyId, signed, payload, signature);

    /// <summary>What the token says of its algorithm, which only a key may confirm.</summary>
    public string Algorithm { get; }

    /// <summary>
    /// What the token says of its key; null if it says nothing. It names a key that is known, and nothing else.
    /// </summary>
    public string? KeyId { get; }

    /// <summary>The bytes that the signature is of.</summary>
    public byte[] Signed { get; }

    public byte[] Signature { get; }

    /// <returns>Null if the text is none, is too long, or asks for what is not known (<c>crit</c>).</returns>
    public static CompactToken? TryRead(string text)
    {
        if (text.Length > MaxLength || text.Split('.') is not [var head, var body, var end]
            || Decode(head) is not { } header || Decode(body) is not { } payload
            || Decode(end) is not { Length: > 0 } signature)
            return null;
        using var document = TryParse(header);
        if (document is null || document.RootElement is var root && (root.TryGetProperty("crit", out _)
            || !root.TryGetProperty("alg", out var algorithm) || TextOf(algorithm) is not { } name))
            return null;
        string? id = null;
        if (root.TryGetProperty("kid", out var kid))
        {
            id = TextOf(kid);
            if (id is null)
                return null;
        }

        return new CompactToken(
            name, id, Encoding.ASCII.GetBytes($"{head}.{body}"), payload, signature);
    }

    /// <summary>The claims; null if they are no JSON object, or one is there twice. To be read after the signature.</summary>
    public JsonDocument? TryReadClaims() => TryParse(_payload);

    /// <summary>Bytes of base64url without padding (RFC 7515, section 2), each of which has one text alone.</summary>
    /// <returns>Null if the text is another.</returns>
    public static byte[]? Decode(string text)
    {
        if (text.AsSpan().ContainsAnyExcept(Letters) || text.Length % 4 == 1)
            return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        // Bits that are left over and not zero are refused by the decoder, or else by the comparison.
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var count) != OperationStatus.Done)
            return null;
        bytes = bytes[..count];
        return Base64Url.EncodeToString(bytes) == text ? bytes : null;
    }

    /// <summary>The text of a value; null if it is another, or has half of a surrogate pair.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonDocument? TryParse(byte[] json)
    {
        // The parser itself looks at the bytes of a text only when the text is asked for.
        if (!Utf8.IsValid(json))
            return null;
        try
        {
            var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
