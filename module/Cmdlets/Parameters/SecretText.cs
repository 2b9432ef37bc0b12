using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>Secrets in the form that PowerShell has for them.</summary>
internal static class SecretText
{
    /// <summary>A key as bytes: texts in UTF-8, the public part of a certificate as PEM.</summary>
    /// <returns>Null if the value is none of these.</returns>
    public static byte[]? BytesOf(object? key) => key switch
    {
        string text => Encoding.UTF8.GetBytes(text),
        byte[] bytes => bytes,
        SecureString secret => Encoding.UTF8.GetBytes(new NetworkCredential("", secret).Password),
        X509Certificate2 certificate => Encoding.UTF8.GetBytes(certificate.ExportCertificatePem()),
        _ => null,
    };

    public static PSCredential MakeCredential(string user, string password)
    {
        var secret = new SecureString();
        foreach (var letter in password)
            secret.AppendChar(letter);
        secret.MakeReadOnly();
        return new PSCredential(user, secret);
    }
}
