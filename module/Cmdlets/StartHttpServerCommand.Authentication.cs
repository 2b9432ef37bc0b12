using System.Management.Automation;
using System.Net;

namespace Http.Server.PowerShell.Cmdlets;

/// <content>Who may ask.</content>
public sealed partial class StartHttpServerCommand
{
    private BasicAuthentication? ReadAuthentication()
    {
        if (Credential is not null && CredentialPath is not null)
            Fail("-Credential and -CredentialPath are two ways to the same: give one of them.", "CredentialAmbiguous",
                ErrorCategory.InvalidArgument, null);
        if (Credential is null && CredentialPath is null)
        {
            if (AllowUnencryptedAuthentication)
                Fail("-AllowUnencryptedAuthentication says how passwords may travel, but none are asked for: add -Credential "
                    + "or -CredentialPath.", "CredentialMissing", ErrorCategory.InvalidArgument, null);
            return null;
        }

        // Behind a proxy each request tells how its password has travelled, and those of plain HTTP are refused one by one.
        if (Certificate is null && CertificatePath is null && !SelfSigned && !AllowUnencryptedAuthentication
            && TrustedProxy.Length == 0 && IsReachedFromElsewhere())
        {
            Fail("Passwords would travel over the network for everybody to read: serve HTTPS with -CertificatePath or "
                + "-SelfSigned, this machine alone with -Bind localhost, "
                + "or say -AllowUnencryptedAuthentication if the network is safe.", "CredentialInsecure",
                    ErrorCategory.SecurityError, null);
        }

        var authentication = Credential is not null
            ? FromCredentials(Credential)
            : FromCredentialFile(FilePath(CredentialPath!, "-CredentialPath"));
        authentication.AllowPlainHttp = AllowUnencryptedAuthentication;
        return authentication;
    }

    /// <summary>Only hashes of the passwords are kept, also for a restart.</summary>
    private BasicAuthentication FromCredentials(PSCredential[] credentials)
    {
        var users = new List<KeyValuePair<string, string>>();
        foreach (var credential in credentials)
        {
            var password = new NetworkCredential("", credential.Password).Password;
            if (string.IsNullOrEmpty(credential.UserName)
                || credential.UserName.Any(static letter => letter == ':' || char.IsControl(letter)))
                Fail($"-Credential: '{Logging.SafeText.Of(credential.UserName ?? "")}' is no user: a name has neither colons "
                    + "nor control characters, and is not empty.", "CredentialInvalid", ErrorCategory.InvalidArgument, null);
            if (users.Exists(user => user.Key == credential.UserName))
                Fail($"-Credential: the user {credential.UserName} is there twice.", "CredentialInvalid",
                    ErrorCategory.InvalidArgument, null);
            if (password.Length == 0 || password.Any(char.IsControl))
                Fail($"-Credential: the password of {credential.UserName} is empty or has a control character, which no client "
                    + "may send.", "CredentialInvalid", ErrorCategory.InvalidArgument, null);
            users.Add(new(credential.UserName!, password));
        }

        return BasicAuthentication.FromPasswords(users);
    }

    private BasicAuthentication FromCredentialFile(string path)
    {
        try
        {
            var authentication = BasicAuthentication.FromFile(path);
            if (path.StartsWith(ReadDirectory() + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                WriteWarning($"{path} lies in the directory that is served: everybody who may ask can read its hashes. Keep it "
                    + "elsewhere.");
            if (authentication.FindWeakness() is { } weakness)
                WriteWarning(weakness);
            return authentication;
        }
        catch (ServerStartException exception)
        {
            Fail(new ErrorRecord(exception, "CredentialUnreadable", ErrorCategory.InvalidData, path));
            throw;
        }
    }

    private bool IsReachedFromElsewhere()
    {
        try
        {
            return (Bind.Length == 0 ? BindAddress.Resolve(null, Port) : Bind.SelectMany(text => BindAddress.Resolve(text, Port)))
                .Any(static address => address is IPEndPoint ip && !IPAddress.IsLoopback(ip.Address));
        }
        catch (ServerStartException)
        {
            // The start itself tells it.
            return false;
        }
    }
}
