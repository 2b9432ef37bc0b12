using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Http.Server.Headers;

/// <summary>User and password of an Authorization header of the scheme Basic, in UTF-8 (RFC 7617, section 2).</summary>
internal sealed record BasicCredentials(string User, string Password)
{
    private static readonly SearchValues<byte> Base64Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    /// <summary>Reads the header's value.</summary>
    /// <returns>Null if it is of another scheme or breaks the grammar.</returns>
    public static BasicCredentials? TryParse(ReadOnlySpan<byte> value)
    {
        var scheme = "Basic "u8;
        if (value.Length <= scheme.Length || !Ascii.EqualsIgnoreCase(value[..scheme.Length], scheme))
            return null;
        return TryDecode(value[scheme.Length..].TrimStart((byte)' '));
    }

    /// <summary>Reads what stands behind the scheme's word.</summary>
    /// <returns>Null if it breaks the grammar.</returns>
    public static BasicCredentials? TryDecode(ReadOnlySpan<byte> encoded)
    {
        // The decoder skips white space, which the grammar (token68) does not have.
        if (encoded.ContainsAnyExcept(Base64Letters))
            return null;
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        try
        {
            return Base64.DecodeFromUtf8(encoded, decoded, out _, out var count) == OperationStatus.Done
                ? Split(decoded.AsSpan(0, count))
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(decoded);
        }
    }

    /// <summary>Whether a text can stand for a user: something, without a colon and control characters.</summary>
    public static bool IsUser(ReadOnlySpan<char> text) => !text.IsEmpty && !text.Contains(':') && !HasControls(text);

    private static BasicCredentials? Split(ReadOnlySpan<byte> text)
    {
        var colon = text.IndexOf((byte)':');
        if (colon <= 0 || !Utf8.IsValid(text))
            return null;
        var user = Encoding.UTF8.GetString(text[..colon]);
        var password = Encoding.UTF8.GetString(text[(colon + 1)..]);
        return HasControls(user) || HasControls(password) ? null : new(user, password);
    }

    private static bool HasControls(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (char.IsControl(letter))
                return true;
        }

        return false;
    }
}
