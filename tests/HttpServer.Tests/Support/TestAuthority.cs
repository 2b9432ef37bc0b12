using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Tests.Support;

/// <summary>An authority that nobody knows, with one below it that issues certificates for localhost.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestAuthority()
    {
        Root = Issue(new CertificateRequest("CN=Test root", _rootKey, HashAlgorithmName.SHA256), null, isAuthority: true);
        Intermediate = Issue(new CertificateRequest("CN=Test intermediate", _key, HashAlgorithmName.SHA256), Root, isAuthority: true);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    /// <summary>Issues a certificate for localhost; <paramref name="key"/> is RSA or ECDSA.</summary>
    public X509Certificate2 Issue(AsymmetricAlgorithm key, string name = "leaf") => Issue(
        key is RSA rsa
            ? new CertificateRequest($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={name}", (ECDsa)key, HashAlgorithmName.SHA256),
        Intermediate,
        isAuthority: false);

    public static AsymmetricAlgorithm NewKey(string kind) => kind == "RSA" ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Writes a certificate with the one above it, and its key.</summary>
    /// <returns>The two paths.</returns>
    public (string Certificate, string Key) Write(TempDirectory folder, string kind = "ECDSA", string? password = null, string name = "leaf")
    {
        using var key = NewKey(kind);
        using var certificate = Issue(key, name);
        return (folder.Write("cert.pem", $"{certificate.ExportCertificatePem()}\n{Intermediate.ExportCertificatePem()}\n"),
            folder.Write("key.pem", password is null ? key.ExportPkcs8PrivateKeyPem() : Encrypt(key, password)));
    }

    /// <summary>Writes the root for clients to trust.</summary>
    public string WriteRoot(TempDirectory folder) => folder.Write("root.pem", Root.ExportCertificatePem());

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
        _rootKey.Dispose();
        _key.Dispose();
    }

    private static string Encrypt(AsymmetricAlgorithm key, string password) =>
        key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

    private X509Certificate2 Issue(CertificateRequest request, X509Certificate2? issuer, bool isAuthority)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        if (!isAuthority)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        var signer = X509SignatureGenerator.CreateForECDsa(issuer is null || issuer == Root ? _rootKey : _key);
        return request.Create(issuer?.SubjectName ?? request.SubjectName, signer, From, From.AddYears(1), RandomNumberGenerator.GetBytes(8));
    }
}
