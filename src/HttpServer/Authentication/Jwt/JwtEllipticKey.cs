using System.Security.Cryptography;

namespace Http.Server.Authentication.Jwt;

/// <summary>A public key for ES256: ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4).</summary>
internal sealed class JwtEllipticKey : IJwtKey
{
    private const int Bits = 256;
    private const int SignatureLength = 64;
    private const string Curve = "1.2.840.10045.3.1.7";

    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    /// <exception cref="ArgumentException">The key is of another curve.</exception>
    public JwtEllipticKey(string? id, ECDsa key)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        if (key.KeySize != Bits
            || (curve.Oid.Value is { } oid ? oid != Curve : curve.Oid.FriendlyName is not ("nistP256" or "ECDSA_P256")))
            throw new ArgumentException("The key is of another curve than P-256, which ES256 needs.", nameof(key));
        (Id, _key) = (id, key);
    }

    public string? Id { get; }

    public bool IsFor(string algorithm) => algorithm == "ES256";

    public bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureLength)
            return false;
        lock (_lock)
            return _key.VerifyData(
                data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
