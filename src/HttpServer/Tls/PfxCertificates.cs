using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Tls;

/// <summary>
/// Reads a certificate, the ones above it and its private key from PFX (PKCS #12, RFC 7292), and says in words what is
/// wrong.
/// </summary>
internal static class PfxCertificates
{
    /// <summary>The tag of a sequence, the first byte of every PFX file (X.690, section 8.9).</summary>
    private const byte Sequence = 0x30;

    /// <exception cref="ServerStartException">The file has not what it should; the message names it and what helps.</exception>
    public static CertificateChain Load(string path, byte[] bytes, string? password)
    {
        if (bytes.Length == 0 || bytes[0] != Sequence)
            throw new ServerStartException($"{path} is neither a PEM nor a PFX file. Give a certificate in one of these forms.");
        var all = Read(path, bytes, password);
        var leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new ServerStartException($"{path} has no private key. Export the certificate anew, together with its key.");
        return new CertificateChain(leaf, [.. all.Where(other => other != leaf)]);
    }

    /// <summary>
    /// Windows does TLS only with keys that it has stored itself, be it for a while; elsewhere a key in memory will
    /// do.
    /// </summary>
    public static X509Certificate2 WithUsableKey(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private static X509Certificate2Collection Read(string path, byte[] bytes, string? password)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12Collection(bytes, password);
        }
        catch (CryptographicException exception)
        {
            throw new ServerStartException(password is null
                ? $"Cannot read {path} without a password, or it is no PFX file. Give its password, or another file."
                : $"Cannot read {path}: the password is wrong, or it is no PFX file. Give the right password, or another file.",
                exception);
        }
    }
}
