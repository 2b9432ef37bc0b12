using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Starts a server, which serves a directory and answers requests with handlers, and returns at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "HttpServer", DefaultParameterSetName = Files, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpServerInstance))]
public sealed partial class StartHttpServerCommand : HttpServerCommand
{
    private const string Files = "Files";
    private const string HandlersAlone = "NoFiles";

    private readonly List<HttpServerInstance> _waitedFor = [];
    private volatile bool _isEnding;

    /// <summary>The port; 0 for a free one. Default 8000.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 65_535)]
    public int Port { get; set; } = 8000;

    /// <summary>The directory that is served; default the current one.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = Files)]
    [Alias("Path", "FullName")]
    [ValidateNotNullOrEmpty]
    public string? Directory { get; set; }

    /// <summary>The addresses to listen at; default all interfaces.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Address")]
    [ArgumentCompleter(typeof(BindCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Bind { get; set; } = [];

    /// <summary>Takes the next free port if the port is in use.</summary>
    [Parameter]
    public SwitchParameter PortAuto { get; set; }

    /// <summary>A name for the server.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Handlers alone answer: no directory is served.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HandlersAlone)]
    public SwitchParameter NoFiles { get; set; }

    /// <summary>Runs CGI programs.</summary>
    [Parameter(ParameterSetName = Files)]
    public SwitchParameter Cgi { get; set; }

    /// <summary>The paths below which CGI programs lie; default /cgi-bin and /htbin.</summary>
    [Parameter(ParameterSetName = Files)]
    [ValidateNotNullOrEmpty]
    public string[]? CgiDirectory { get; set; }

    /// <summary>Longest silence of a CGI program in seconds; default 60.</summary>
    [Parameter(ParameterSetName = Files)]
    [Seconds]
    [ValidateRange(1, 86_400)]
    public double? CgiTimeout { get; set; }

    /// <summary>Environment variables for CGI programs: NAME=VALUE, or NAME to pass one on.</summary>
    [Parameter(ParameterSetName = Files)]
    [ValidateNotNullOrEmpty]
    public string[] CgiEnvironment { get; set; } = [];

    /// <summary>Whom CGI programs run as, where the server runs as root.</summary>
    [Parameter(ParameterSetName = Files)]
    [ValidateNotNullOrEmpty]
    public string? CgiUser { get; set; }

    /// <summary>HTTP/1.1, the default, or HTTP/1.0.</summary>
    [Parameter]
    [ValidateSet("HTTP/1.1", "HTTP/1.0")]
    public string Protocol { get; set; } = "HTTP/1.1";

    /// <summary>Headers for every answer.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Header { get; set; } = [];

    /// <summary>Types for extensions that differ from the built-in table.</summary>
    [Parameter(ParameterSetName = Files)]
    [ArgumentCompleter(typeof(MediaTypeTableCompleter))]
    [ValidateNotNull]
    public Hashtable ContentType { get; set; } = [];

    /// <summary>Files that stand for their directory; default index.html, index.htm.</summary>
    [Parameter(ParameterSetName = Files)]
    [ValidateNotNull]
    public string[]? IndexPage { get; set; }

    /// <summary>What is done with symbolic links; default Inside.</summary>
    [Parameter(ParameterSetName = Files)]
    public SymlinkPolicy Symlinks { get; set; }

    /// <summary>Names that begin with a dot are not served.</summary>
    [Parameter(ParameterSetName = Files)]
    public SwitchParameter HideDotfiles { get; set; }

    /// <summary>Whether files go out compressed to clients that take it; default On.</summary>
    [Parameter(ParameterSetName = Files)]
    public CompressionPolicy Compression { get; set; } = CompressionPolicy.On;

    /// <summary>Seconds for which clients may keep files without asking; by default they ask each time.</summary>
    [Parameter(ParameterSetName = Files)]
    [ValidateRange(0, 31_536_000)]
    public int? CacheSeconds { get; set; }

    /// <summary>Names of files that clients may keep for a year without asking; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = Files)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Immutable { get; set; } = [];

    /// <summary>Origins whose pages may read answers; * for all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CorsOrigin { get; set; } = [];

    /// <summary>The file of a single-page application for paths where nothing lies.</summary>
    [Parameter(ParameterSetName = Files)]
    [ValidateNotNullOrEmpty]
    public string? FallbackPage { get; set; }

    /// <summary>/about finds about.html.</summary>
    [Parameter(ParameterSetName = Files)]
    public SwitchParameter CleanUrls { get; set; }

    /// <summary>Whether addresses of directories and clean URLs end in a slash; default Auto.</summary>
    [Parameter(ParameterSetName = Files)]
    public TrailingSlashPolicy TrailingSlash { get; set; }

    /// <summary>Clients may put files into the directory.</summary>
    [Parameter(ParameterSetName = Files)]
    public SwitchParameter Upload { get; set; }

    /// <summary>Files that are uploaded take the place of others of their name.</summary>
    [Parameter(ParameterSetName = Files)]
    public SwitchParameter Overwrite { get; set; }

    /// <summary>Pages in browsers are loaded anew when files change.</summary>
    [Parameter(ParameterSetName = Files)]
    public SwitchParameter LiveReload { get; set; }

    /// <summary>Browsers are told to come by HTTPS alone for the next year.</summary>
    [Parameter]
    public SwitchParameter Hsts { get; set; }

    /// <summary>Those who may ask, with their passwords; by default everybody may.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PSCredential[]? Credential { get; set; }

    /// <summary>A file with those who may ask, lines USER:HASH.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CredentialPath { get; set; }

    /// <summary>Takes passwords over plain HTTP from other machines too.</summary>
    [Parameter]
    public SwitchParameter AllowUnencryptedAuthentication { get; set; }

    /// <summary>Directories can be downloaded as ZIP and tar archives.</summary>
    [Parameter(ParameterSetName = Files)]
    public SwitchParameter Archive { get; set; }

    /// <summary>Speaks HTTPS with this certificate, which has its private key.</summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Speaks HTTPS with the certificate of this file, PEM or PFX.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>The PEM file of the certificate's private key, if it is not in the same file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>The password of the private key, or of the PFX file.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>Speaks HTTPS with a certificate made in memory, for localhost and this machine.</summary>
    [Parameter]
    public SwitchParameter SelfSigned { get; set; }

    /// <summary>
    /// Proxies whose Forwarded or X-Forwarded headers are believed: addresses, networks such as 10.0.0.0/8, or
    /// unix.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] TrustedProxy { get; set; } = [];

    /// <summary>Connections begin with a header of the PROXY protocol.</summary>
    [Parameter]
    public SwitchParameter ProxyProtocol { get; set; }

    /// <summary>The path that answers 200 while the server works, and 503 while it drains.</summary>
    [Parameter]
    [UrlPath]
    public string? HealthPath { get; set; }

    /// <summary>Seconds that a server which is told to end serves on; default 0.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0, 86_400)]
    public double DrainTime { get; set; }

    /// <summary>A class that answers every request, derived from a handler class.</summary>
    [Parameter(ParameterSetName = Files)]
    [ArgumentCompleter(typeof(HandlerTypeCompleter))]
    [ValidateNotNull]
    public Type? HandlerType { get; set; }

    /// <summary>Most handlers that run at once; default twice the number of processors, at least 4.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int ThrottleLimit { get; set; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>Most requests that wait for a handler; further ones get 503. Default 1000.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int QueueLimit { get; set; } = 1000;

    /// <summary>
    /// Seconds for a handler to begin its answer; then it is stopped, and the client gets 504. 0 for any time. Default
    /// 60.
    /// </summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0, 86_400)]
    public double HandlerTimeout { get; set; } = 60;

    /// <summary>Runs once in each of the handlers' runspaces.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>Modules for the handlers.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Module { get; set; } = [];

    /// <summary>Loads the modules anew for each request, so that their variables begin as they were.</summary>
    [Parameter]
    public SwitchParameter IsolateModules { get; set; }

    /// <summary>Variables for the handlers; their objects are shared.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Variable { get; set; } = [];

    /// <summary>Functions of the session for the handlers, by name.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Function { get; set; } = [];

    /// <summary>A file that the log is written to as well.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>The form of the log file's lines, and of those that -Wait shows; default Python.</summary>
    [Parameter]
    public LogFormat LogFormat { get; set; }

    /// <summary>Requests are not logged, messages are.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Serves in the foreground and shows the log, until Ctrl+C is pressed.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Starts without modules that cannot be loaded.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

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
            End();
            ThrowTerminatingError(failure.Record);
        }
    }

    private protected override void Fail(ErrorRecord record) => throw new CommandFailure(record);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_waitedFor.Count > 0)
            ServeInForeground(_waitedFor);
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _isEnding = true;
        WakeFollowers();
    }

    private void Start()
    {
        ReadConfiguration();
        var session = Session;
        var id = session.NextId();
        var settings = ReadSettings(Name ?? string.Create(CultureInfo.InvariantCulture, $"HttpServer{id}"));
        // One that a handler has stopped is still listed, as stopped, but its name is free.
        foreach (var stopped in session.Servers.Where(server => server.State == HttpServerState.Stopped
            && server.Name.Equals(settings.Name, StringComparison.OrdinalIgnoreCase)))
            session.Remove(stopped);
        if (session.Servers.Any(server => server.Name.Equals(settings.Name, StringComparison.OrdinalIgnoreCase)))
            Fail($"There is a server named '{settings.Name}' already. Give another name with -Name, or stop that one.",
                "ServerExists", ErrorCategory.ResourceExists, settings.Name);
        if (!ShouldProcess(NoFiles ? $"handlers at port {Port}" : $"{settings.Directory} at port {Port}", "Start server"))
            return;
        var server = new HttpServerInstance(session, id, settings);
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
        Complain(server);
        if (FindExposure(server) is { } exposure)
            WriteWarning(exposure);
        if (Wait)
        {
            _waitedFor.Add(server);
        }
        else
        {
            Welcome(server);
            WriteObject(server);
        }
    }

    /// <summary>Shows what went wrong in the initialization script; if an error ends the command, there is no server.</summary>
    private void Complain(HttpServerInstance server)
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

    private void WakeFollowers()
    {
        foreach (var server in _waitedFor)
            server.Log.WakeFollowers();
    }

    private void ServeInForeground(List<HttpServerInstance> servers)
    {
        using var termination = new Termination(WakeFollowers);
        var positions = new long[servers.Count];
        try
        {
            foreach (var server in servers)
            {
                Say($"Serving {(server.Settings.ServesFiles ? server.Directory : "handlers")} on {server.Uri} - press Ctrl+C "
                    + "to stop.");
                SayAddresses(server);
                Welcome(server);
            }

            while (!_isEnding && !termination.IsAsked && servers.Exists(static server => server.State == HttpServerState.Running))
                ShowLogs(servers, positions);
            if (termination.IsAsked)
            {
                var stopping = termination.StopAsync(servers);
                while (!stopping.IsCompleted && !_isEnding)
                    ShowLogs(servers, positions);
            }
        }
        finally
        {
            End();
        }

        if (termination.IsAsked)
            Termination.Leave(this);
    }

    /// <summary>Ends the servers within the second in which Ctrl+C is to be obeyed.</summary>
    private void End()
    {
        Task.WhenAll(_waitedFor.Select(static server => server.StopAsync(TimeSpan.FromSeconds(0.3)))).GetAwaiter().GetResult();
        foreach (var server in _waitedFor)
            Session.Remove(server);
    }

    private void ShowLogs(List<HttpServerInstance> servers, long[] positions)
    {
        // With one server each entry is told at once; several are asked in turn.
        var patience = TimeSpan.FromMilliseconds(servers.Count == 1 ? 500 : 100);
        for (var at = 0; at < servers.Count; at++)
        {
            foreach (var entry in servers[at].Log.Follow(ref positions[at], patience)
                .Where(static entry => entry.Level >= LogLevel.Information))
                Say(entry.ToString());
        }
    }

    private void Say(string text) => WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]);
}
