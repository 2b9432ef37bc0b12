using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Http.Server.Authentication.Jwt;

/// <summary>Reads keys: PEM or a secret as they are, and the keys of a set in JSON (RFC 7517).</summary>
internal static class KeyReader
{
    private const int MaxKeys = 100;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Reads one key. What looks like PEM is a public key and never a secret: everybody knows it.</summary>
    /// <exception cref="ArgumentException">It is too short, or of a kind that is not known.</exception>
    public static IJwtKey Read(byte[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!key.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("-----BEGIN"u8))
            return new JwtSecretKey(null, key);
        var pem = Encoding.UTF8.GetString(key);
        try
        {
            if (pem.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
            {
                using var certificate = X509Certificate2.CreateFromPem(pem);
                return certificate.GetRSAPublicKey() is { } rsa ? new JwtRsaKey(null, rsa)
                    : certificate.GetECDsaPublicKey() is { } ecdsa ? new JwtEllipticKey(null, ecdsa)
                    : throw new ArgumentException("The certificate has neither an RSA key nor one of P-256.", nameof(key));
            }

            return ReadPublicKey(pem);
        }
        catch (CryptographicException exception)
        {
            throw new ArgumentException($"The key cannot be read: {exception.Message}", nameof(key), exception);
        }
    }

    /// <summary>Reads a set of keys; those for other uses and of unknown kinds are left out.</summary>
    /// <exception cref="ArgumentException">It is no set, or has no key that could be used.</exception>
    public static IReadOnlyList<IJwtKey> ReadSet(ReadOnlyMemory<byte> json)
    {
        try
        {
            if (!Utf8.IsValid(json.Span))
                throw new ArgumentException("The set of keys is not UTF-8.", nameof(json));
            using var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array
                || list.GetArrayLength() > MaxKeys)
                throw new ArgumentException($"A set of keys is an object with up to {MaxKeys} \"keys\".", nameof(json));
            var keys = list.EnumerateArray().Select(ReadMember).OfType<IJwtKey>().ToList();
            return keys.Count > 0 ? keys : throw new ArgumentException(
                "There is no key for HS256, RS256, PS256 or ES256 in the set.", nameof(json));
        }
        catch (Exception exception) when (exception is JsonException or FormatException or CryptographicException)
        {
            throw new ArgumentException($"The set of keys cannot be read: {exception.Message}", nameof(json), exception);
        }
    }

    private static IJwtKey ReadPublicKey(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return new JwtRsaKey(null, rsa);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException { ParamName: "input" })
        {
            rsa.Dispose();
        }

        var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(pem);
        return new JwtEllipticKey(null, ecdsa);
    }

    private static IJwtKey? ReadMember(JsonElement member)
    {
        if (member.ValueKind != JsonValueKind.Object || TextOf(member, "use") is not (null or "sig"))
            return null;
        var (id, algorithm) = (TextOf(member, "kid"), TextOf(member, "alg"));
        switch (TextOf(member, "kty"))
        {
            case "oct" when algorithm is null or "HS256":
                return new JwtSecretKey(id, BytesOf(member, "k"));
            case "RSA" when algorithm is null or "RS256" or "PS256":
                var rsa = RSA.Create(new RSAParameters { Modulus = BytesOf(member, "n"), Exponent = BytesOf(member, "e") });
                return new JwtRsaKey(id, rsa, algorithm);
            case "EC" when algorithm is (null or "ES256") && TextOf(member, "crv") == "P-256":
                return new JwtEllipticKey(id, ECDsa.Create(new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = BytesOf(member, "x"), Y = BytesOf(member, "y") },
                }));
            default:
                return null;
        }
    }

    private static string? TextOf(JsonElement member, string name) =>
        member.TryGetProperty(name, out var value) ? CompactToken.TextOf(value) : null;

    private static byte[] BytesOf(JsonElement member, string name) => TextOf(member, name) is { } text
        && CompactToken.Decode(text) is { Length: > 0 } bytes
        ? bytes
        : throw new FormatException($"A key has no \"{name}\" in base64url.");
}
