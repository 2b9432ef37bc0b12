using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters of <c>Start-HttpServer</c> about the certificate; the server speaks plain HTTP without them.</summary>
internal sealed class CertificateParameters
{
    /// <summary>The parameters that name a certificate, of which one may be given.</summary>
    public static readonly string[] Names = [nameof(Certificate), nameof(CertificatePath), nameof(SelfSigned)];

    public X509Certificate2? Certificate { get; set; }

    public string? CertificatePath { get; set; }

    public string? KeyPath { get; set; }

    public SecureString? CertificatePassword { get; set; }

    public bool SelfSigned { get; set; }

    /// <summary>Whether the server speaks HTTPS.</summary>
    public bool AreGiven => Certificate is not null || CertificatePath is not null || SelfSigned;

    /// <summary>Reads or makes the certificate.</summary>
    /// <param name="paths">The session's paths.</param>
    /// <param name="warn">Takes a warning of a certificate that clients may refuse.</param>
    /// <returns>Null for plain HTTP.</returns>
    /// <exception cref="CommandFailure">The parameters contradict each other, or the certificate cannot be read.</exception>
    public ServerCertificate? Read(SessionPaths paths, Action<string> warn)
    {
        if ((Certificate is null ? 0 : 1) + (CertificatePath is null ? 0 : 1) + (SelfSigned ? 1 : 0) > 1)
            throw new CommandFailure(
                "-Certificate, -CertificatePath and -SelfSigned are three ways to the same: give one of them.",
                "CertificateAmbiguous", ErrorCategory.InvalidArgument, null);
        if (CertificatePath is null && (KeyPath is not null || CertificatePassword is not null))
            throw new CommandFailure("-KeyPath and -CertificatePassword belong to -CertificatePath: give that as well.",
                "CertificatePathMissing", ErrorCategory.InvalidArgument, null);
        try
        {
            var certificate = Open(paths);
            if (!SelfSigned && certificate?.FindWeakness() is { } weakness)
                warn(weakness);
            return certificate;
        }
        catch (Exception exception) when (exception is ServerStartException or ArgumentException)
        {
            throw new CommandFailure(
                new ErrorRecord(exception, "CertificateUnreadable", ErrorCategory.InvalidData, CertificatePath));
        }
    }

    private ServerCertificate? Open(SessionPaths paths)
    {
        if (Certificate is not null)
            return ServerCertificate.FromCertificate(Certificate);
        if (CertificatePath is null)
            return SelfSigned ? ServerCertificate.SelfSigned() : null;
        return ServerCertificate.FromFile(
            paths.Resolve(CertificatePath, "-CertificatePath"), KeyPath is null ? null : paths.Resolve(KeyPath, "-KeyPath"),
            CertificatePassword is null ? null : new NetworkCredential("", CertificatePassword).Password);
    }
}
