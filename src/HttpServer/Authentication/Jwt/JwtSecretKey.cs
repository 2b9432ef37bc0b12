using System.Security.Cryptography;

namespace Http.Server.Authentication.Jwt;

/// <summary>A secret for HS256: HMAC with SHA-256 (RFC 7518, section 3.2).</summary>
internal sealed class JwtSecretKey : IJwtKey
{
    private readonly byte[] _secret;

    /// <exception cref="ArgumentException">The secret is shorter than 32 bytes: it could be found by trying.</exception>
    public JwtSecretKey(string? id, byte[] secret)
    {
        if (secret.Length < SHA256.HashSizeInBytes)
            throw new ArgumentException(
                $"The secret has {secret.Length} bytes, and HS256 needs 32 at least (RFC 7518, section 3.2): make a longer one.",
                nameof(secret));
        (Id, _secret) = (id, secret);
    }

    public string? Id { get; }

    public bool IsFor(string algorithm) => algorithm == "HS256";

    public bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, data, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}
