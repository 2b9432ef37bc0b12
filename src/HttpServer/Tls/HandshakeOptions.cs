using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Tls;

/// <summary>What handshakes are done with.</summary>
/// <param name="Usual">The client is not asked for a certificate.</param>
/// <param name="Asking">It is, and may have none.</param>
internal sealed record HandshakeOptions(SslServerAuthenticationOptions Usual, SslServerAuthenticationOptions Asking)
{
    /// <summary>
    /// All of TLS 1.3, and those of TLS 1.2 that encrypt and authenticate in one step (AEAD), with a key exchange of which
    /// nothing is known later (RFC 9325, section 4.2). Those with CBC have had padding oracles again and again.
    /// </summary>
    private static readonly TlsCipherSuite[] AuthenticatedSuites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    private static readonly CipherSuitesPolicy? Suites = MakeSuites();

    /// <summary>Both for a certificate of the server: no renegotiation, and TLS 1.2 at least (RFC 8996).</summary>
    public static HandshakeOptions Make(CertificateChain chain)
    {
        // The chain is built offline: a missing certificate is not fetched from the network.
        var certificate = SslStreamCertificateContext.Create(chain.Leaf, chain.Intermediates, offline: true);
        var asking = Make(certificate);
        asking.ClientCertificateRequired = true;
        // What the client shows is taken as it is. Whether it is good is looked at where a request asks for it, so that a client
        // with a wrong one is told by an answer, and one that asks for something else is served.
        asking.RemoteCertificateValidationCallback = static (stream, leaf, chain, _) => ((TlsStream)stream).Take(leaf, chain);
        asking.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        // A session that is resumed has the client's certificate without those above it.
        asking.AllowTlsResume = false;
        return new(Make(certificate), asking);
    }

    private static SslServerAuthenticationOptions Make(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        CipherSuitesPolicy = Suites,
    };

    /// <summary>Null where the platform has it otherwise: on Windows the machine's own policy counts.</summary>
    private static CipherSuitesPolicy? MakeSuites()
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsAndroid())
            return null;
        try
        {
            return new CipherSuitesPolicy(AuthenticatedSuites);
        }
        catch (PlatformNotSupportedException)
        {
            // An OpenSSL before 1.1.1.
            return null;
        }
    }
}
