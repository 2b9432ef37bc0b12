using System.Security.Cryptography;
using Http.Server.Logging;
using Http.Server.Tls;

namespace Http.Server.Authentication.Certificates;

/// <summary>Hashes of certificates, as people copy them: SHA-256 or SHA-1, in hexadecimal digits.</summary>
internal sealed class Thumbprints
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ArgumentException">One is no hash.</exception>
    public Thumbprints(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            // The dialogs of Windows copy a mark of writing direction that nobody sees.
            var digits = string.Concat(text.Where(static letter => letter is not (' ' or ':' or '\t' or '\u200e')));
            if (digits.Length is not (2 * SHA256.HashSizeInBytes or 2 * SHA1.HashSizeInBytes)
                || !digits.All(char.IsAsciiHexDigit))
                throw new ArgumentException(
                    $"'{LogText.Escape(text)}' is no thumbprint: that is a SHA-256 or SHA-1 hash, 64 or 40 hexadecimal digits, "
                    + "as Get-PfxCertificate and openssl x509 -fingerprint -sha256 show it.", nameof(texts));
            _known.Add(digits);
        }
    }

    /// <summary>Whether a certificate has one of the hashes.</summary>
    public bool Has(ClientCertificate shown) =>
        _known.Contains(shown.Fingerprint) || _known.Contains(shown.Leaf.GetCertHashString(HashAlgorithmName.SHA1));
}
