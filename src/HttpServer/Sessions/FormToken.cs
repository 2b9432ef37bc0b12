using System.Buffers.Text;
using System.Security.Cryptography;

namespace Http.Server.Sessions;

/// <summary>
/// The text in a form that shows that a page of this session has it. Each is the secret under another mask, so that the length of
/// compressed pages does not tell it bit by bit (the attack BREACH).
/// </summary>
internal static class FormToken
{
    private const int SecretBytes = 32;

    public static byte[] MakeSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static string Make(ReadOnlySpan<byte> secret)
    {
        Span<byte> token = stackalloc byte[2 * SecretBytes];
        RandomNumberGenerator.Fill(token[..SecretBytes]);
        for (var at = 0; at < SecretBytes; at++)
            token[SecretBytes + at] = (byte)(token[at] ^ secret[at]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Whether a token is one of the secret, in a time that does not depend on how much of it is right.</summary>
    public static bool IsOf(ReadOnlySpan<byte> secret, string? token)
    {
        Span<byte> bytes = stackalloc byte[2 * SecretBytes];
        // An encoding that is none is looked at no further: there is nothing in it that could be right.
        if (secret.Length != SecretBytes || token is null || token.Length != Base64Url.GetEncodedLength(bytes.Length)
            || !Base64Url.IsValid(token) || !Base64Url.TryDecodeFromChars(token, bytes, out var length) || length != bytes.Length)
            return false;
        for (var at = 0; at < SecretBytes; at++)
            bytes[at] ^= bytes[SecretBytes + at];
        return CryptographicOperations.FixedTimeEquals(bytes[..SecretBytes], secret);
    }
}
