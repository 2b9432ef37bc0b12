using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Http.Server.Tls;

/// <summary>
/// Reads a certificate, the ones above it and a private key from PEM (RFC 7468), and says in words what is
/// wrong.
/// </summary>
internal static class PemCertificates
{
    // Object identifiers of public keys (RFC 3279, section 2.3).
    private const string RsaKey = "1.2.840.113549.1.1.1";
    private const string EllipticKey = "1.2.840.10045.2.1";

    /// <exception cref="ServerStartException">A file has not what it should; the message names it and what helps.</exception>
    public static CertificateChain Load(string path, byte[] bytes, string keyPath, byte[] keyBytes, string? password)
    {
        var chain = ReadCertificates(path, Encoding.UTF8.GetString(bytes));
        var pem = Encoding.UTF8.GetString(keyBytes);
        var label = FindKey(pem) ?? throw new ServerStartException(keyPath == path
            ? $"{path} has no private key. Give the file that has it as the key, or put it behind the certificate."
            : $"{keyPath} has no private key. Give the file that begins with -----BEGIN PRIVATE KEY----- or the like.");
        var isEncrypted = label == "ENCRYPTED PRIVATE KEY";
        if (!isEncrypted && pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw new ServerStartException(
                $"The key in {keyPath} is encrypted in an old way. Convert it: openssl pkcs8 -topk8 -in {keyPath} -out NEWFILE.");
        if (isEncrypted && password is null)
            throw new ServerStartException($"The key in {keyPath} is encrypted. Give its password.");

        using var key = ReadKey(keyPath, pem, isEncrypted ? password : null);
        // The server's own certificate stands first, but not in every file.
        foreach (var certificate in chain)
        {
            if (TryJoin(certificate, key) is { } leaf)
                return new CertificateChain(PfxCertificates.WithUsableKey(leaf), [.. chain.Where(other => other != certificate)]);
        }

        throw new ServerStartException(
            $"The key in {keyPath} does not fit the certificate in {path}. Give the two that were made together.");
    }

    private static X509Certificate2Collection ReadCertificates(string path, string pem)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new ServerStartException(
                $"A certificate in {path} is damaged: {exception.Message.TrimEnd('.')}. Get the file anew.", exception);
        }

        return chain.Count > 0 ? chain
            : throw new ServerStartException(
                $"{path} has no certificate. Give the file that begins with -----BEGIN CERTIFICATE-----.");
    }

    private static string? FindKey(string pem)
    {
        for (ReadOnlySpan<char> rest = pem; PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            var label = rest[fields.Label].ToString();
            if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
                return label;
        }

        // The old way of encrypting has header lines inside, which are no PEM of today.
        return pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal) ? "PRIVATE KEY" : null;
    }

    private static AsymmetricAlgorithm ReadKey(string path, string pem, string? password)
    {
        Exception? problem = null;
        foreach (var make in new Func<AsymmetricAlgorithm>[] { RSA.Create, ECDsa.Create })
        {
            var key = make();
            try
            {
                if (password is null)
                    key.ImportFromPem(pem);
                else
                    key.ImportFromEncryptedPem(pem, password);
                return key;
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                key.Dispose();
                problem ??= exception;
            }
        }

        throw new ServerStartException(password is null
            ? $"Cannot read the key in {path}: it is damaged, or neither RSA nor ECDSA. Give a key of one of these kinds."
            : $"Cannot read the key in {path}: the password is wrong, or the key is neither RSA nor ECDSA. "
                + "Give the right password.", problem);
    }

    private static X509Certificate2? TryJoin(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        try
        {
            return (key, certificate.GetKeyAlgorithm()) switch
            {
                (RSA rsa, RsaKey) => certificate.CopyWithPrivateKey(rsa),
                (ECDsa ecdsa, EllipticKey) => certificate.CopyWithPrivateKey(ecdsa),
                _ => null,
            };
        }
        catch (ArgumentException)
        {
            // The key belongs to another certificate.
            return null;
        }
    }
}
