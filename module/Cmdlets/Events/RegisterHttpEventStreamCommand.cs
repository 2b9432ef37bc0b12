using System.Management.Automation;
using Http.Server.Events;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets.Events;

/// <summary>Has clients listen to the events of a channel.</summary>
[Cmdlet(VerbsLifecycle.Register, "HttpEventStream", SupportsShouldProcess = true, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpHandler))]
public sealed class RegisterHttpEventStreamCommand : HttpServerCommand
{
    private static readonly string[] Methods = ["GET", "HEAD"];

    /// <summary>The pattern of the paths.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(PatternCompleter))]
    public string Path { get; set; } = "";

    /// <summary>The channel's name.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(ChannelCompleter))]
    [ValidateNotNullOrEmpty]
    public string Channel { get; set; } = "";

    /// <summary>The server, as an object, by name or by number; none for all servers of the session, later ones too.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public object? Server { get; set; }

    /// <summary>A name for the handler.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    /// <summary>Seconds without an event after which listeners are sent a comment.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(1d, 86_400d)]
    public double Heartbeat { get; set; } = 20;

    /// <summary>Events that are kept for listeners that come back.</summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int BufferSize { get; set; } = 100;

    /// <summary>Events by which a listener may be behind; one further behind is disconnected.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int Backlog { get; set; } = 1_000;

    /// <summary>How often a client may begin to listen, 10/s or 100/m; none for any number.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? RateLimit { get; set; }

    /// <summary>What clients are told apart by for that: Address, User or Header:NAME.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RateKeyCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public string? RateKey { get; set; }

    /// <summary>The authentications by which its users log in; none for those of the server.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AuthenticationNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Authentication { get; set; } = [];

    /// <summary>The roles of which a user needs one; none for every user.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Role { get; set; } = [];

    /// <summary>Takes the place of handlers for GET and HEAD of the same path.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The handler is put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!RoutePattern.TryParse(Path, out var pattern, out var problem))
            Fail(problem!, "PatternInvalid", ErrorCategory.InvalidArgument, Path);
        CheckAuthentications(Authentication);
        var limit = RateLimitText.Read(RateLimit, RateKey, Fail);
        if (Server is null)
            Register(pattern!, null, limit);
        else
            FindServers(Server).ToList().ForEach(server => Register(pattern!, server, limit));
    }

    private void Register(RoutePattern pattern, HttpServerInstance? server, RateLimit? limit)
    {
        if (server is { Settings.HandlerType: { } type })
            Fail($"The server {server.Name} answers all requests by its class {type.Name}: its method DoGet can call "
                + "$this.SendEvents.", "ServerHasHandlerType", ErrorCategory.InvalidOperation, server);
        if (server is { Settings.Certificate: null })
            CheckTransport(Authentication, $"The server {server.Name}");
        if (server is { Settings.Options.Sessions: null })
            CheckSessions(Authentication, $"The server {server.Name}");
        if (!Force && Session.FindSame(server, Methods, pattern.Canonical) is { } known)
            Fail($"There is a handler for GET, HEAD {pattern.Text} already: {known.Name}. Use -Force to put this one in its "
                + "place, or unregister that one.", "HandlerExists", ErrorCategory.ResourceExists, known);
        if (!ShouldProcess(server?.ToString() ?? "all servers", $"Register event stream of {Channel} for {pattern.Text}"))
            return;
        var options = new HttpEventChannelOptions
        {
            Heartbeat = TimeSpan.FromSeconds(Heartbeat),
            BufferSize = BufferSize,
            Backlog = Backlog,
        };
        var handler = new HttpHandler(new HandlerSettings
        {
            ScriptBlock = ScriptBlock.Create(""),
            Name = Name ?? "",
            Methods = Methods,
            Pattern = pattern,
            Server = server,
            ContentType = "text/event-stream",
            RateLimit = limit,
            Authentication = Authentication,
            Roles = Role,
            IsHidden = true,
            Events = new EventStreamSettings(Channel, options),
        });
        Session.Add(handler);
        foreach (var running in Session.Servers.Where(running => server is null || running == server))
            running.OpenChannels();
        if (PassThru)
            WriteObject(handler);
    }
}
