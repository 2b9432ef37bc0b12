using System.Security.Cryptography;

namespace Http.Server.Authentication.Jwt;

/// <summary>
/// A public key for RS256 and PS256 (RFC 7518, sections 3.3 and 3.5), or for the one of them that it is pinned to.
/// </summary>
internal sealed class JwtRsaKey : IJwtKey
{
    private const int MinBits = 2048;

    private readonly RSA _key;
    private readonly string? _algorithm;
    private readonly Lock _lock = new();

    /// <exception cref="ArgumentException">The key has fewer than 2048 bits.</exception>
    public JwtRsaKey(string? id, RSA key, string? algorithm = null)
    {
        if (key.KeySize < MinBits)
            throw new ArgumentException(
                $"The RSA key has {key.KeySize} bits, and {MinBits} are needed (RFC 7518, section 3.3): make a longer one.",
                nameof(key));
        (Id, _key, _algorithm) = (id, key, algorithm);
    }

    public string? Id { get; }

    public bool IsFor(string algorithm) => algorithm is "RS256" or "PS256" && (_algorithm is null || algorithm == _algorithm);

    public bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        // The class does not promise that several threads may use one object.
        lock (_lock)
            return _key.VerifyData(data, signature, HashAlgorithmName.SHA256,
                algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }
}
