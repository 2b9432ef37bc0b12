using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Tls;

namespace Http.Server.Authentication.Certificates;

/// <summary>
/// Whether a client's certificate is one that is let in: by the authorities above it, by its hash, or by both where both are
/// given. Nothing is fetched, and revocation is not looked at.
/// </summary>
internal sealed class CertificateCheck
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string AnyUse = "2.5.29.37.0";

    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _between = [];
    private readonly Thumbprints? _thumbprints;

    /// <param name="authorities">Roots, and those between them and clients; none for any authority.</param>
    /// <param name="thumbprints">Hashes in hexadecimal digits; none for any certificate.</param>
    /// <exception cref="ArgumentException">There is neither, or one of them could let nobody in.</exception>
    public CertificateCheck(IEnumerable<X509Certificate2> authorities, IEnumerable<string> thumbprints)
    {
        foreach (var authority in authorities)
        {
            if (authority.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority != true)
                throw new ArgumentException(
                    $"The certificate {authority.Subject} is none of an authority. A single client is let in by the thumbprint "
                    + "of its certificate.", nameof(authorities));
            var isRoot = authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData);
            (isRoot ? _roots : _between).Add(authority);
        }

        if (_between.Count > 0 && _roots.Count == 0)
            throw new ArgumentException(
                $"Of the authorities none is a root: add the one that issued {_between[0].Subject}, and those above it.",
                nameof(authorities));
        string[] hashes = [.. thumbprints];
        _thumbprints = hashes.Length == 0 ? null : new Thumbprints(hashes);
        if (_thumbprints is null && _roots.Count == 0)
            throw new ArgumentException(
                "Every certificate would do: name the authority that issues them, or thumbprints.", nameof(authorities));
    }

    /// <summary>Looks at a certificate, once for a connection: what depends on the time is left open.</summary>
    public CertificateVerdict Judge(ClientCertificate shown)
    {
        try
        {
            var leaf = shown.Leaf;
            if (_thumbprints?.Has(shown) == false)
                return CertificateVerdict.Refuse("its thumbprint is not known");
            return _roots.Count > 0 ? JudgeChain(shown) : JudgeUses(leaf, [leaf]);
        }
        catch (CryptographicException exception)
        {
            return CertificateVerdict.Refuse($"it cannot be read: {exception.Message}");
        }
    }

    /// <summary>
    /// What a certificate says that it is for counts for those below it too, as all systems have it (RFC 5280, section 4.2.1.12).
    /// </summary>
    private static CertificateVerdict JudgeUses(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> chain) =>
        chain.SelectMany(static certificate => certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>())
            .All(static uses => uses.EnhancedKeyUsages.Cast<Oid>()
                .Any(static oid => oid.Value is ClientAuthentication or AnyUse))
            ? CertificateVerdict.Of(leaf, chain)
            : CertificateVerdict.Refuse("it is not for clients");

    private CertificateVerdict JudgeChain(ClientCertificate shown)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(_between);
        policy.ExtraStore.AddRange(shown.Intermediates);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        // The times are taken from the chain, for they count as long as the connection lasts.
        policy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        try
        {
            if (chain.Build(shown.Leaf))
                return JudgeUses(shown.Leaf, [.. chain.ChainElements.Select(static element => element.Certificate)]);
            var status = Array.Find(chain.ChainStatus, static found => found.Status != X509ChainStatusFlags.NotTimeValid);
            return CertificateVerdict.Refuse($"no authority vouches for it ({status.Status})");
        }
        finally
        {
            foreach (var element in chain.ChainElements)
                element.Certificate.Dispose();
        }
    }
}
