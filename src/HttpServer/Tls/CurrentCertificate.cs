using System.Net.Security;
using System.Security.Authentication;
using Http.Server.Transport;

namespace Http.Server.Tls;

/// <summary>What a server's handshakes are done with, kept up to date with the certificate's files.</summary>
internal sealed class CurrentCertificate
{
    /// <summary>
    /// In milliseconds. Looking costs two system calls a file; a certificate that is new for a second is new
    /// enough.
    /// </summary>
    private const long CheckInterval = 1000;

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

    private readonly CertificateSource _certificate;
    private readonly IHttpLog _log;
    private readonly Clock _clock;
    private string? _stamp;
    private long _nextCheck;
    private volatile SslServerAuthenticationOptions _options;

    public CurrentCertificate(CertificateSource certificate, IHttpLog log, Clock clock)
    {
        _certificate = certificate;
        _log = log;
        _clock = clock;
        _stamp = certificate.Stamp;
        _nextCheck = clock.Milliseconds + CheckInterval;
        _options = MakeOptions(certificate.Chain);
    }

    /// <summary>Looks at the files if that was not done within the last second, and gives what is good now.</summary>
    public SslServerAuthenticationOptions Get()
    {
        var now = _clock.Milliseconds;
        var due = Interlocked.Read(ref _nextCheck);
        // One handshake looks at the files; others use the certificate that is loaded.
        if (_certificate.Files is { } files && now >= due
            && Interlocked.CompareExchange(ref _nextCheck, long.MaxValue, due) == due)
        {
            Renew(files);
            Interlocked.Exchange(ref _nextCheck, now + CheckInterval);
        }

        return _options;
    }

    /// <summary>Reads the files, if there are any, whether or not they have changed.</summary>
    public void Reload()
    {
        if (_certificate.Files is not { } files)
            return;
        _stamp = null;
        Renew(files);
    }

    private void Renew(CertificateFiles files)
    {
        var stamp = files.Stamp();
        if (stamp == _stamp)
            return;
        // Noted before the files are read: what is wrong with this state of theirs is said once, and a later state is looked at
        // anew.
        _stamp = stamp;
        try
        {
            _options = MakeOptions(files.Load());
            _log.Message(LogLevel.Information, null, $"The certificate {files.CertificatePath} was read anew.");
        }
        catch (Exception exception)
        {
            _log.Message(LogLevel.Error, null,
                $"The certificate {files.CertificatePath} cannot be used; the old one stays. {exception.Message}");
        }
    }

    /// <summary>The options of handshakes: no client certificates, no renegotiation, and TLS 1.2 at least (RFC 8996).</summary>
    private static SslServerAuthenticationOptions MakeOptions(CertificateChain chain) => new()
    {
        // The chain is built offline: a missing certificate is not fetched from the network.
        ServerCertificateContext = SslStreamCertificateContext.Create(chain.Leaf, chain.Intermediates, offline: true),
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
