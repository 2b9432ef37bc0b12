using System.Management.Automation;
using System.Net;
using System.Security;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>
/// Makes a line of a users file, which <c>Start-HttpServer -CredentialPath</c> reads: the user and the hash of the
/// password.
/// </summary>
[Cmdlet(VerbsCommon.New, "HttpPasswordHash", DefaultParameterSetName = ByName, HelpUri = HelpPage.Uri)]
[OutputType(typeof(string))]
public sealed class NewHttpPasswordHashCommand : PSCmdlet
{
    private const string ByName = "UserName";
    private const string ByCredential = "Credential";

    /// <summary>The user.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    public string UserName { get; set; } = "";

    /// <summary>The password; PowerShell asks for it without showing it.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    public SecureString Password { get; set; } = new();

    /// <summary>The user with the password, as Get-Credential gives it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByCredential)]
    [Credential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (user, secret) = ParameterSetName == ByCredential
            ? (Credential.UserName ?? "", Credential.Password)
            : (UserName, Password);
        var password = new NetworkCredential("", secret).Password;
        if (user.Length == 0 || user[0] == '#' || user.Any(static letter => letter == ':' || char.IsControl(letter)))
            Complain($"'{Logging.SafeText.Of(user)}' is no user: a name has neither colons nor control characters, and does "
                + "not begin with #.", user);
        else if (password.Length == 0)
            Complain($"The password of {user} is empty: give one that is not.", user);
        else if (password.Any(char.IsControl))
            Complain($"The password of {user} has a control character, which browsers cannot send: choose another.", user);
        else
            WriteObject($"{user}:{BasicAuthentication.Hash(password)}");
    }

    /// <summary>Reports an error and goes on, so that other users of the pipeline get their lines.</summary>
    private void Complain(string message, string user) =>
        WriteError(new ErrorRecord(new ArgumentException(message), "CredentialInvalid", ErrorCategory.InvalidArgument, user));
}
