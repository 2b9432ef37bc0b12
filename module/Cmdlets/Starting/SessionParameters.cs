using System.Management.Automation;
using Http.Server.Sessions;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters of <c>Start-HttpServer</c> about sessions; none are kept without them.</summary>
internal sealed class SessionParameters
{
    private static readonly HttpSessionOptions Defaults = new();

    private double? _timeout;

    public bool Session { get; set; }

    /// <summary>Seconds after its last request at which a session ends.</summary>
    public double Timeout { get => _timeout ?? Defaults.Timeout.TotalSeconds; set => _timeout = value; }

    /// <summary>Forms need a token of their session.</summary>
    public bool AntiForgery { get; set; }

    /// <summary>Adds the sessions to the options of a server.</summary>
    /// <param name="options">The options.</param>
    /// <param name="hasClass">A class answers every request.</param>
    /// <param name="fail">Ends the cmdlet with an error: its message, its id, its category and what it is about.</param>
    public HttpServerOptions ApplyTo(
        HttpServerOptions options, bool hasClass, Action<string, string, ErrorCategory, object?> fail)
    {
        if (!Session && _timeout is not null)
            fail("-SessionTimeout is about sessions, and none are kept: add -Session.", "SessionMissing",
                ErrorCategory.InvalidArgument, null);
        if (!Session && AntiForgery)
            fail("-AntiForgery compares forms with their session, and none are kept: add -Session.", "SessionMissing",
                ErrorCategory.InvalidArgument, null);
        if (AntiForgery && hasClass)
            fail("-AntiForgery looks at what scriptblocks answer: a class asks IsFormTokenAsync of its base by itself.",
                "AntiForgeryOfClass", ErrorCategory.InvalidArgument, null);
        return Session ? options with { Sessions = Defaults with { Timeout = TimeSpan.FromSeconds(Timeout) } } : options;
    }
}
