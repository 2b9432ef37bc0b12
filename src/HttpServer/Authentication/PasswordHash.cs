using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Http.Server.Authentication;

/// <summary>
/// What is kept of a password: PBKDF2 with HMAC-SHA-256 (RFC 8018, section 5.2). As text it is
/// <c>$pbkdf2-sha256$iterations$salt$hash</c>, Base64 without padding and with a dot for the plus, the form of Python's passlib.
/// </summary>
internal sealed class PasswordHash
{
    /// <summary>OWASP's recommendation for this function since 2023; some tenths of a second.</summary>
    public const int DefaultIterations = 600_000;

    /// <summary>Fewer are no protection.</summary>
    public const int MinIterations = 1000;

    /// <summary>Some seconds; a mistyped number must not be hours.</summary>
    public const int MaxIterations = 10_000_000;

    private const string Prefix = "$pbkdf2-sha256$";
    private const int SaltLength = 16;
    private const int MaxSalt = 1024;

    /// <summary>One block of SHA-256: another length is another amount of work.</summary>
    private const int HashLength = SHA256.HashSizeInBytes;

    private readonly int _iterations;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash)
    {
        _iterations = iterations;
        _salt = salt;
        _hash = hash;
    }

    public static PasswordHash Make(string password, int iterations = DefaultIterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var hash = new byte[HashLength];
        Derive(password, salt, iterations, hash);
        return new(iterations, salt, hash);
    }

    /// <returns>Null if the text is no such hash, or out of bounds.</returns>
    public static PasswordHash? TryParse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var parts = text[Prefix.Length..].Split('$');
        if (parts.Length != 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations))
            return null;
        var isInBounds = iterations is >= MinIterations and <= MaxIterations;
        return isInBounds && Decode(parts[1]) is { Length: >= 8 and <= MaxSalt } salt
            && Decode(parts[2]) is { Length: HashLength } hash
            ? new(iterations, salt, hash)
            : null;
    }

    /// <summary>Takes the same time whether the password is right or wrong.</summary>
    public bool Verify(string password)
    {
        Span<byte> derived = stackalloc byte[HashLength];
        Derive(password, _salt, _iterations, derived);
        return CryptographicOperations.FixedTimeEquals(derived, _hash);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{_iterations}${Encode(_salt)}${Encode(_hash)}");

    // The password is passed as bytes, because the overload for texts leaves a copy of it in memory.
    private static void Derive(string password, byte[] salt, int iterations, Span<byte> hash)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        Rfc2898DeriveBytes.Pbkdf2(bytes, salt, hash, iterations, HashAlgorithmName.SHA256);
        CryptographicOperations.ZeroMemory(bytes);
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '.');

    private static byte[]? Decode(string text)
    {
        if (!text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '+' or '/'))
            return null;
        var padded = text.Replace('.', '+').PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var count) ? bytes[..count] : null;
    }
}
