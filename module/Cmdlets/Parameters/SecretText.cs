using System.Management.Automation;
using System.Security;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>Secrets in the form that PowerShell has for them.</summary>
internal static class SecretText
{
    public static PSCredential MakeCredential(string user, string password)
    {
        var secret = new SecureString();
        foreach (var letter in password)
            secret.AppendChar(letter);
        secret.MakeReadOnly();
        return new PSCredential(user, secret);
    }
}
