using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters of <c>Start-HttpServer</c> about CGI programs.</summary>
internal sealed class CgiParameters
{
    public bool Cgi { get; set; }

    public string[]? CgiDirectory { get; set; }

    /// <summary>Seconds; null for the handler's default.</summary>
    public double? CgiTimeout { get; set; }

    public string[] CgiEnvironment { get; set; } = [];

    public string? CgiUser { get; set; }

    /// <exception cref="CommandFailure">A variable or the user is not valid.</exception>
    public CgiSettings Read()
    {
        if (Array.Find(CgiEnvironment, static text => text is "" or ['=', ..]) is { } wrong)
            throw new CommandFailure($"-CgiEnvironment takes NAME=VALUE or NAME, not '{wrong}'.", "EnvironmentInvalid",
                ErrorCategory.InvalidArgument, wrong);
        if (new CgiHttpRequestHandler { CgiUser = CgiUser }.FindCgiUserProblem() is { } problem)
            throw new CommandFailure($"-CgiUser: {problem}.", "CgiUserInvalid", ErrorCategory.InvalidArgument, CgiUser);
        return new CgiSettings
        {
            Directories = CgiDirectory ?? (Cgi ? ["/cgi-bin", "/htbin"] : []),
            Timeout = CgiTimeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Environment = CgiEnvironment,
            User = CgiUser,
        };
    }
}
