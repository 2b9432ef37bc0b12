using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Tests.Support;

/// <summary>An authority for certificates of clients, with one below it.</summary>
internal sealed class ClientAuthority : IDisposable
{
    public const string ForClients = "1.3.6.1.5.5.7.3.2";
    public const string ForServers = "1.3.6.1.5.5.7.3.1";
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    public ClientAuthority(string name = "CN=Clients")
    {
        Root = Make(name, null, isAuthority: true);
        Intermediate = Make("CN=Between", Root, isAuthority: true);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    /// <summary>A certificate with its key.</summary>
    /// <param name="subject">Its subject.</param>
    /// <param name="use">What it is for; null for anything.</param>
    /// <param name="from">Days from now until it is valid.</param>
    /// <param name="to">Days from now until it is no more.</param>
    /// <param name="isBetween">The one below the root issues it.</param>
    /// <param name="names">Its alternative names.</param>
    public X509Certificate2 Issue(
        string subject, string? use = ForClients, double from = -1, double to = 300, bool isBetween = false, X509Extension? names = null) =>
        Make(subject, isBetween ? Intermediate : Root, isAuthority: false, use, from, to, names);

    /// <summary>A certificate that nobody has issued.</summary>
    public static X509Certificate2 SelfSign(string subject, double to = 300, string? use = ForClients) =>
        Make(subject, null, isAuthority: false, use, to: to);

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
    }

    private static X509Certificate2 Make(string subject, X509Certificate2? issuer, bool isAuthority, string? use = null, double from = -10,
        double to = 300, X509Extension? names = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        if (use is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (issuer is null)
            return request.CreateSelfSigned(Now.AddDays(from), Now.AddDays(to));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        using var signer = issuer.GetECDsaPrivateKey()!;
        using var issued = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), Now.AddDays(from), Now.AddDays(to),
            RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
