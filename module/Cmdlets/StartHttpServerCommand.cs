using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Http.Server.Hosting;
using Http.Server.PowerShell.Cmdlets.Foreground;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Cmdlets.Starting;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Starts a server, which serves a directory and answers requests with handlers, and returns at once.</summary>
/// <remarks>
/// PowerShell finds parameters among the properties of a cmdlet's class and of its bases alone, so parameters are declared there.
/// Values that belong together lie, with their checks, in an object of the room Starting.
/// </remarks>
[Cmdlet(VerbsLifecycle.Start, "HttpServer", DefaultParameterSetName = StartParameterSets.Files, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpServerInstance))]
public sealed class StartHttpServerCommand : SiteCommand
{
    private readonly HandlerParameters _handlers = new();
    private readonly SessionParameters _sessions = new();
    private readonly ForegroundServers _foreground;

    /// <summary>Makes the cmdlet.</summary>
    public StartHttpServerCommand() => _foreground = new ForegroundServers(Say);

    /// <summary>A name for the server.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Handlers alone answer: no directory is served.</summary>
    [Parameter(Mandatory = true, ParameterSetName = StartParameterSets.NoFiles)]
    public SwitchParameter NoFiles { get; set; }

    /// <summary>A class that answers every request, derived from a handler class.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ArgumentCompleter(typeof(HandlerTypeCompleter))]
    [ValidateNotNull]
    public Type? HandlerType { get => _handlers.HandlerType; set => _handlers.HandlerType = value; }

    /// <summary>Most handlers that run at once; default twice the number of processors, at least 4.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int ThrottleLimit { get => _handlers.ThrottleLimit; set => _handlers.ThrottleLimit = value; }

    /// <summary>Most requests that wait for a handler; further ones get 503. Default 1000.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int QueueLimit { get => _handlers.QueueLimit; set => _handlers.QueueLimit = value; }

    /// <summary>
    /// Seconds for a handler to begin its answer; then it is stopped, and the client gets 504. 0 for any time. Default
    /// 60.
    /// </summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0, 86_400)]
    public double HandlerTimeout { get => _handlers.HandlerTimeout; set => _handlers.HandlerTimeout = value; }

    /// <summary>Most tasks, and runs of timers, at once; they have workers of their own. Default 2.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int TaskLimit { get => _handlers.Tasks.Limit; set => _handlers.Tasks = _handlers.Tasks with { Limit = value }; }

    /// <summary>Most tasks that wait; one more is refused with 503. Default 100.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int TaskQueueLimit
    {
        get => _handlers.Tasks.QueueLimit;
        set => _handlers.Tasks = _handlers.Tasks with { QueueLimit = value };
    }

    /// <summary>Seconds for which a task is known after its end. Default 600.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(1d, 31_536_000d)]
    public double TaskKeepTime
    {
        get => _handlers.Tasks.KeepTime.TotalSeconds;
        set => _handlers.Tasks = _handlers.Tasks with { KeepTime = TimeSpan.FromSeconds(value) };
    }

    /// <summary>The path that tasks lie below. Default /tasks.</summary>
    [Parameter]
    [UrlPath]
    public string TaskPath { get => _handlers.Tasks.Path; set => _handlers.Tasks = _handlers.Tasks with { Path = value }; }

    /// <summary>Runs once in each of the handlers' runspaces.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? InitializationScript
    {
        get => _handlers.InitializationScript;
        set => _handlers.InitializationScript = value;
    }

    /// <summary>Modules for the handlers.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Module { get => _handlers.Module; set => _handlers.Module = value; }

    /// <summary>Loads the modules anew for each request, so that their variables begin as they were.</summary>
    [Parameter]
    public SwitchParameter IsolateModules { get => _handlers.IsolateModules; set => _handlers.IsolateModules = value; }

    /// <summary>Variables for the handlers; their objects are shared.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Variable { get => _handlers.Variable; set => _handlers.Variable = value; }

    /// <summary>Functions of the session for the handlers, by name.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Function { get => _handlers.Function; set => _handlers.Function = value; }

    /// <summary>Keeps sessions, which handlers have as $Session: what is known of a browser from request to request.</summary>
    [Parameter]
    public new SwitchParameter Session { get => _sessions.Session; set => _sessions.Session = value; }

    /// <summary>Seconds after its last request at which a session ends; default 1200, 20 minutes.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(1, 31_536_000)]
    public double SessionTimeout { get => _sessions.Timeout; set => _sessions.Timeout = value; }

    /// <summary>Answers forms 403 that have no token of their session.</summary>
    [Parameter]
    public SwitchParameter AntiForgery { get => _sessions.AntiForgery; set => _sessions.AntiForgery = value; }

    /// <summary>Describes the handlers: as an OpenAPI document at /openapi.json, and as a page at /openapi.</summary>
    [Parameter]
    public SwitchParameter OpenApi { get; set; }

    /// <summary>The path of a page that shows what the server does, such as /_status.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Dashboard { get; set; }

    /// <summary>A file that the log is written to as well.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>The form of the log file's lines, and of those that -Wait shows; default Python.</summary>
    [Parameter]
    public LogFormat LogFormat { get; set; }

    /// <summary>Bytes from which on the log's file is renamed and a new one is begun; 0, the default, for never.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long LogMaxSize { get; set; }

    /// <summary>Old files of the log that stay; default 5.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int LogKeep { get; set; } = 5;

    /// <summary>Requests are not logged, messages are.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Serves in the foreground and shows the log, until Ctrl+C is pressed.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Starts without modules that cannot be loaded.</summary>
    [Parameter]
    public SwitchParameter Force { get => _handlers.Force; set => _handlers.Force = value; }

    /// <summary>A JSON file with settings; parameters that are given win.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>Opens the page in the browser.</summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            Start();
        }
        catch (CommandFailure failure) when (MyInvocation.ExpectingInput && !Wait)
        {
            // Of several servers the others start all the same.
            WriteError(failure.Record);
        }
        catch (CommandFailure failure)
        {
            // With -Wait, one that does not start ends the command: those before it are not left behind.
            _foreground.End(HttpServerCommand.Session);
            ThrowTerminatingError(failure.Record);
        }
    }

    private protected override void Fail(ErrorRecord record) => throw new CommandFailure(record);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_foreground.IsEmpty)
            return;
        bool wasTerminated;
        try
        {
            wasTerminated = _foreground.Serve(Announce);
        }
        finally
        {
            _foreground.End(HttpServerCommand.Session);
        }

        if (wasTerminated)
            Termination.Leave(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _foreground.Interrupt();

    private void Start()
    {
        var paths = new SessionPaths(SessionState.Path);
        if (ConfigPath is not null)
            new ConfigurationFile(this, servesFiles: !NoFiles).Apply(paths.Resolve(ConfigPath, "-ConfigPath"));
        CheckAuthentications(Authentication);
        CheckStore();
        var session = HttpServerCommand.Session;
        var id = session.NextId();
        var settings = ReadSettings(Name ?? string.Create(CultureInfo.InvariantCulture, $"HttpServer{id}"), paths);
        // A server that a handler has stopped is still listed, as stopped, but its name is free.
        foreach (var stopped in session.Servers.Where(server => server.State == HttpServerState.Stopped
            && server.Name.Equals(settings.Name, StringComparison.OrdinalIgnoreCase)))
            session.Remove(stopped);
        if (session.Servers.Any(server => server.Name.Equals(settings.Name, StringComparison.OrdinalIgnoreCase)))
            Fail($"There is a server named '{settings.Name}' already. Give another name with -Name, or stop that one.",
                "ServerExists", ErrorCategory.ResourceExists, settings.Name);
        if (settings.Certificate is null)
            CheckTransport(Authentication, "The server");
        if (!Session)
            CheckSessions(Authentication, "The server");
        if (!ShouldProcess(NoFiles ? $"handlers at port {Port}" : $"{settings.Directory} at port {Port}", "Start server"))
            return;
        var server = new HttpServerInstance(session, id, settings with { StateStore = OpenStore() });
        if (Wait)
            server.BeginShowing();
        try
        {
            server.Start();
        }
        catch (ServerStartException exception)
        {
            Fail(new ErrorRecord(exception, "CannotListen", ErrorCategory.ResourceUnavailable, Port));
        }
        catch (WorkerStartException exception)
        {
            Fail(exception.ToErrorRecord());
        }

        session.Add(server);
        server.UpdateRoutes();
        WriteErrorsOf(server);
        if (Directory is null && Exposure.Find(server) is { } exposure)
            WriteWarning(exposure);
        if (Wait)
        {
            _foreground.Add(server);
        }
        else
        {
            Welcome(server);
            WriteObject(server);
        }
    }

    private StartSettings ReadSettings(string name, SessionPaths paths)
    {
        var directory = paths.ResolveDirectory(Directory);
        if (LogMaxSize > 0 && LogPath is null)
            Fail("-LogMaxSize is about the log's file, but there is none: add -LogPath.", "LogPathMissing",
                ErrorCategory.InvalidArgument, LogMaxSize);
        return new StartSettings
        {
            Name = name,
            Port = Port,
            Bind = Bind,
            Directory = directory,
            ServesFiles = !NoFiles,
            Protocol = Protocol,
            Headers = HeaderTable.Read(Header),
            ContentTypes = ContentTypeTable.Read(ContentType),
            IndexPages = IndexPage,
            Site = ReadSite(directory),
            Upload = Upload,
            Cgi = ReadCgi(),
            Certificate = ReadCertificate(paths),
            Authentication = ReadAuthentication(paths, directory),
            Schemes = Authentication,
            Rules = ReadRules(),
            AllowsPlainHttp = AllowUnencryptedAuthentication,
            HandlerType = _handlers.ReadHandlerType(HttpServerCommand.Session.Handlers, OpenApi, WriteWarning),
            HasOpenApi = OpenApi,
            ChecksForms = AntiForgery,
            DashboardPath = ReadDashboard(),
            Workers = _handlers.ReadWorkers(paths.Location, InvokeCommand),
            Tasks = _handlers.Tasks,
            LogPath = LogPath is null ? null : paths.Resolve(LogPath, "-LogPath"),
            LogFormat = LogFormat,
            LogMaxSize = LogMaxSize,
            LogKeep = LogKeep,
            IsQuiet = Quiet,
            Options = _sessions.ApplyTo(ReadOptions(), HandlerType is not null, Fail),
        };
    }

    private string? ReadDashboard()
    {
        if (Dashboard is not { } path)
            return null;
        if (_handlers.HandlerType is { } type)
            Fail($"-Dashboard shows handlers, and the class {type.Name} answers every path: leave one of them out.",
                "DashboardNotOfClasses", ErrorCategory.InvalidArgument, type);
        if (!RoutePattern.TryParse(path, out var pattern, out _) || pattern is not { IsLiteral: true } || path == "/")
            Fail($"-Dashboard takes a path such as /_status, not '{path}'.", "DashboardInvalid",
                ErrorCategory.InvalidArgument, path);
        return path;
    }

    /// <summary>Shows what went wrong in the initialization script; if an error ends the command, there is no server.</summary>
    private void WriteErrorsOf(HttpServerInstance server)
    {
        try
        {
            foreach (var error in server.TakeComplaints())
                WriteError(error);
        }
        catch (RuntimeException)
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Says where a server in the foreground answers, also for other machines if it listens at all interfaces.</summary>
    private void Announce(HttpServerInstance server)
    {
        Say($"Serving {(server.Settings.ServesFiles ? server.Directory : "handlers")} on {server.Uri} - press Ctrl+C to stop.");
        if (Announcement.IsEverywhere(server.EndPoints))
        {
            foreach (var address in server.Addresses.Where(static address => !address.IsLoopback))
                Say($"From other machines: {address}");
        }

        Welcome(server);
    }

    private void Welcome(HttpServerInstance server)
    {
        if (Port != 0 && server.Port != Port && server.Port != 0)
            WriteWarning($"Port {Port} is in use: the next free one is {server.Port}.");
        if (Open && Browser.Open(server.Addresses) is { } problem)
            WriteWarning(problem);
    }

    private void Say(string text) => WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]);
}
