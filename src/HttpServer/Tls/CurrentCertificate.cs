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

    private readonly CertificateSource _certificate;
    private readonly IHttpLog _log;
    private readonly Clock _clock;
    private string? _stamp;
    private long _nextCheck;
    private volatile HandshakeOptions _options;

    public CurrentCertificate(CertificateSource certificate, IHttpLog log, Clock clock)
    {
        _certificate = certificate;
        _log = log;
        _clock = clock;
        _stamp = certificate.Stamp;
        _nextCheck = clock.Milliseconds + CheckInterval;
        _options = HandshakeOptions.Make(certificate.Chain);
    }

    /// <summary>Looks at the files if that was not done within the last second, and gives what is good now.</summary>
    public HandshakeOptions Get()
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
            _options = HandshakeOptions.Make(files.Load());
            _log.Message(LogLevel.Information, null, $"The certificate {files.CertificatePath} was read anew.");
        }
        catch (Exception exception)
        {
            _log.Message(LogLevel.Error, null,
                $"The certificate {files.CertificatePath} cannot be used; the old one stays. {exception.Message}");
        }
    }
}
