using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Http.Server.Sessions;

/// <summary>The text by which a browser names its session: 256 random bits in base64url (RFC 4648, section 5).</summary>
internal static class SessionId
{
    private const int Bytes = 32;
    private const int Length = 43;

    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Whether a text has the form of one; whether there is such a session is for the store to say.</summary>
    public static bool HasForm(ReadOnlySpan<byte> text)
    {
        if (text.Length != Length)
            return false;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'-' or (byte)'_'))
                return false;
        }

        return true;
    }

    /// <summary>
    /// The name of the session in the store. It is a hash, so that who can read the store's names cannot take a session over.
    /// </summary>
    public static string KeyOf(string id) =>
        "session:" + Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(id)));
}
