using System.Management.Automation;
using System.Net;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters of <c>Start-HttpServer</c> about passwords; no password is asked for without them.</summary>
internal sealed class CredentialParameters
{
    public PSCredential[]? Credential { get; set; }

    public string? CredentialPath { get; set; }

    /// <summary>The names of other ways to log in.</summary>
    public string[] Authentication { get; set; } = [];

    public string[] AccessRule { get; set; } = [];

    public bool AllowUnencryptedAuthentication { get; set; }

    /// <summary>Reads the users. Only hashes of their passwords are kept, also for a restart.</summary>
    /// <param name="paths">The session's paths.</param>
    /// <param name="directory">The directory that is served, for a warning.</param>
    /// <param name="isExposed">Tells whether passwords would travel over a network without encryption.</param>
    /// <param name="hasOthers">The session has other ways to log in, for which handlers may ask.</param>
    /// <param name="warn">Takes a warning.</param>
    /// <returns>Null if no password is asked for.</returns>
    /// <exception cref="CommandFailure">The parameters contradict each other, or a user is not valid.</exception>
    public BasicAuthentication? Read(
        SessionPaths paths, string directory, Func<bool> isExposed, bool hasOthers, Action<string> warn)
    {
        if (Credential is not null && CredentialPath is not null)
            throw new CommandFailure("-Credential and -CredentialPath are two ways to the same: give one of them.",
                "CredentialAmbiguous", ErrorCategory.InvalidArgument, null);
        var hasPasswords = Credential is not null || CredentialPath is not null;
        if (!hasPasswords && Authentication.Length == 0)
        {
            if (AllowUnencryptedAuthentication && !hasOthers)
                throw new CommandFailure(
                    "-AllowUnencryptedAuthentication says how passwords may travel, but none are asked for: add -Credential, "
                    + "-CredentialPath or -Authentication.", "CredentialMissing", ErrorCategory.InvalidArgument, null);
            return null;
        }

        if (!AllowUnencryptedAuthentication && isExposed())
        {
            throw new CommandFailure(
                "Passwords would travel over the network for everybody to read: serve HTTPS with -CertificatePath or "
                + "-SelfSigned, this machine alone with -Bind localhost, "
                + "or say -AllowUnencryptedAuthentication if the network is safe.", "CredentialInsecure",
                ErrorCategory.SecurityError, null);
        }

        if (!hasPasswords)
            return null;
        var authentication = Credential is not null
            ? FromCredentials(Credential)
            : FromFile(paths.Resolve(CredentialPath!, "-CredentialPath"), directory, warn);
        authentication.AllowPlainHttp = AllowUnencryptedAuthentication;
        return authentication;
    }

    /// <summary>Reads the rules of paths.</summary>
    /// <returns>Null if there are none.</returns>
    /// <exception cref="CommandFailure">One is wrong.</exception>
    public AccessPolicy? ReadRules()
    {
        try
        {
            return AccessRule.Length == 0
                ? null
                : new AccessPolicy { Rules = AccessRule, AllowPlainHttp = AllowUnencryptedAuthentication };
        }
        catch (ArgumentException exception)
        {
            throw new CommandFailure("-AccessRule: " + exception.Message, "AccessRuleInvalid", ErrorCategory.InvalidArgument,
                AccessRule);
        }
    }

    private static BasicAuthentication FromCredentials(PSCredential[] credentials)
    {
        var users = new List<KeyValuePair<string, string>>();
        foreach (var credential in credentials)
        {
            var password = new NetworkCredential("", credential.Password).Password;
            if (string.IsNullOrEmpty(credential.UserName)
                || credential.UserName.Any(static letter => letter == ':' || char.IsControl(letter)))
                throw Invalid($"'{SafeText.Of(credential.UserName ?? "")}' is no user: a name has neither colons "
                    + "nor control characters, and is not empty.");
            if (users.Exists(user => user.Key == credential.UserName))
                throw Invalid($"the user {credential.UserName} is there twice.");
            if (password.Length == 0 || password.Any(char.IsControl))
                throw Invalid($"the password of {credential.UserName} is empty or has a control character, which no client "
                    + "may send.");
            users.Add(new(credential.UserName, password));
        }

        return BasicAuthentication.FromPasswords(users);
    }

    private static CommandFailure Invalid(string problem) =>
        new("-Credential: " + problem, "CredentialInvalid", ErrorCategory.InvalidArgument, null);

    private static BasicAuthentication FromFile(string path, string directory, Action<string> warn)
    {
        try
        {
            var authentication = BasicAuthentication.FromFile(path);
            if (path.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                warn($"{path} lies in the directory that is served: everybody who may ask can read its hashes. Keep it "
                    + "elsewhere.");
            if (authentication.FindWeakness() is { } weakness)
                warn(weakness);
            return authentication;
        }
        catch (ServerStartException exception)
        {
            throw new CommandFailure(new ErrorRecord(exception, "CredentialUnreadable", ErrorCategory.InvalidData, path));
        }
    }
}
