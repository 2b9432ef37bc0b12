using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Tls;

namespace Http.Server;

/// <summary>
/// What a server proves its name with: a certificate, its private key, and the certificates between it and an authority. One that
/// was read from files is read anew by the servers that use it when the files change; new connections then get the new one.
/// </summary>
public sealed class ServerCertificate
{
    private ServerCertificate(CertificateSource source) => Source = source;

    /// <summary>The certificate as it was when this object was made.</summary>
    public X509Certificate2 Certificate => Source.Chain.Leaf;

    /// <summary>
    /// The SHA-256 hash of <see cref="Certificate"/>, as browsers show it: 32 pairs of hexadecimal digits with colons
    /// between.
    /// </summary>
    public string Fingerprint =>
        string.Join(':', Certificate.GetCertHash(HashAlgorithmName.SHA256).Select(part => part.ToString("X2", null)));

    internal CertificateSource Source { get; }

    /// <summary>
    /// Reads PEM (RFC 7468): the certificate, followed by those between it and an authority, and an RSA or ECDSA
    /// key.
    /// </summary>
    /// <param name="certificatePath">The file with the certificates.</param>
    /// <param name="keyPath">The file with the private key; null if it is in the same file.</param>
    /// <param name="password">The password of an encrypted key.</param>
    /// <exception cref="ServerStartException">A file is missing or wrong; the message names it and what helps.</exception>
    public static ServerCertificate FromPemFile(string certificatePath, string? keyPath = null, string? password = null) =>
        Load(certificatePath, keyPath, password, CertificateKind.Pem);

    /// <summary>Reads PFX (PKCS #12, RFC 7292).</summary>
    /// <param name="path">The file with certificates and key.</param>
    /// <param name="password">The file's password; null if it has none.</param>
    /// <exception cref="ServerStartException">The file is missing or wrong; the message names it and what helps.</exception>
    public static ServerCertificate FromPfxFile(string path, string? password = null) =>
        Load(path, null, password, CertificateKind.Pfx);

    /// <summary>Reads PEM or PFX, whichever the file is.</summary>
    /// <param name="certificatePath">The file with the certificates.</param>
    /// <param name="keyPath">The file with the private key, in PEM; null if it is in the same file.</param>
    /// <param name="password">The password of an encrypted key or of a PFX file.</param>
    /// <exception cref="ServerStartException">A file is missing or wrong; the message names it and what helps.</exception>
    public static ServerCertificate FromFile(string certificatePath, string? keyPath = null, string? password = null) =>
        Load(certificatePath, keyPath, password, CertificateKind.Any);

    /// <summary>Takes a certificate that is there already, from a system's store say; it stays the caller's to dispose.</summary>
    /// <param name="certificate">The certificate, with its private key.</param>
    /// <param name="intermediates">The certificates between it and an authority; null for none.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public static ServerCertificate FromCertificate(X509Certificate2 certificate,
        IEnumerable<X509Certificate2>? intermediates = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!certificate.HasPrivateKey)
            throw new ArgumentException(
                $"The certificate {certificate.Subject} has no private key. Load it together with its key.", nameof(certificate));
        return new(new CertificateSource(new CertificateChain(certificate, [.. intermediates ?? []])));
    }

    /// <summary>
    /// Makes a certificate in memory (ECDSA P-256, valid for a year) for localhost, 127.0.0.1, ::1 and this machine's name and
    /// addresses. No authority vouches for it: clients warn, or are told to trust its <see cref="Fingerprint"/>.
    /// </summary>
    /// <param name="names">Further host names and IP addresses.</param>
    public static ServerCertificate SelfSigned(params IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new(new CertificateSource(new CertificateChain(SelfSignedCertificate.Make(names, DateTimeOffset.UtcNow), [])));
    }

    /// <summary>
    /// What is wrong with the certificate's time, in words for the log: clients refuse one that has expired, or is not
    /// valid yet.
    /// </summary>
    /// <returns>Null if it is valid now.</returns>
    public string? FindWeakness()
    {
        var now = DateTime.Now;
        if (now > Certificate.NotAfter)
            return string.Create(CultureInfo.InvariantCulture,
                $"The certificate {Certificate.Subject} has expired at {Certificate.NotAfter:yyyy-MM-dd HH:mm}: "
                + $"clients will refuse it. Renew it.");
        return now < Certificate.NotBefore
            ? string.Create(CultureInfo.InvariantCulture,
                $"The certificate {Certificate.Subject} is not valid before {Certificate.NotBefore:yyyy-MM-dd HH:mm}: "
                + $"clients will refuse it until then. Look at the clock too.")
            : null;
    }

    private static ServerCertificate Load(string certificatePath, string? keyPath, string? password, CertificateKind kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificatePath);
        // The paths are made absolute now, because the working directory may change before the files are read again.
        var files = new CertificateFiles(Path.GetFullPath(certificatePath), keyPath is null
            ? null
            : Path.GetFullPath(keyPath), password, kind);
        var stamp = files.Stamp();
        return new(new CertificateSource(files.Load(), files, stamp));
    }
}
