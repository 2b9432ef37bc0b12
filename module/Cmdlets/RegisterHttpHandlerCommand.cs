using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.WebSockets;
using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Servers;
using Http.Server.PowerShell.Servers.WebSockets;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Has requests answered by a scriptblock.</summary>
[Cmdlet(VerbsLifecycle.Register, "HttpHandler", DefaultParameterSetName = ByRoute, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpHandler))]
public sealed class RegisterHttpHandlerCommand : WebSocketCommand
{
    /// <summary>Methods, or rows of a table of routes, may come by the pipeline.</summary>
    private const string ByRoute = "Route";

    /// <summary>Servers come by the pipeline. They have names of their own, which are not the handler's.</summary>
    private const string ByServer = "InputObject";

    /// <summary>Tables come by the pipeline, or as an argument.</summary>
    private const string ByTable = "Table";

    private const string NoMethod =
        "There is no method: give GET, POST, another word, or * for all, as in Register-HttpHandler GET /path { ... }.";

    /// <summary>The methods: GET, POST, any other word, * for all, or WEBSOCKET.</summary>
    /// <remarks>
    /// It is not mandatory: the engine would ask for it before the cmdlet can say what is wrong with the other arguments.
    /// </remarks>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByRoute)]
    [Parameter(Position = 0, ParameterSetName = ByServer)]
    [ArgumentCompleter(typeof(MethodCompleter))]
    [ValidateNotNullOrEmpty]
    [Names(TakesTables = false)]
    public string[] Method { get; set; } = [];

    /// <summary>The pattern of the paths; none for every path.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = ByRoute)]
    [Parameter(Position = 1, ParameterSetName = ByServer)]
    [ArgumentCompleter(typeof(PatternCompleter))]
    public object? Path { get; set; }

    /// <summary>The scriptblock.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true, ParameterSetName = ByRoute)]
    [Parameter(Position = 2, ParameterSetName = ByServer)]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>A script file in the place of the scriptblock; it is read once, now.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByRoute)]
    [Parameter(ParameterSetName = ByServer)]
    [AllowNull]
    [AllowEmptyString]
    public string? FilePath { get; set; }

    /// <summary>The server, as an object, by name or by number; none for all servers of the session, later ones too.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByRoute)]
    [Parameter(ParameterSetName = ByTable)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public object? Server { get; set; }

    /// <summary>
    /// A table of what the parameters take, under their names, for one handler; or one of routes, such as 'GET /path', with a
    /// scriptblock or a script file each.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByTable)]
    [ValidateNotNull]
    public IDictionary? Route { get; set; }

    /// <summary>The server, by the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByServer)]
    public HttpServerInstance? InputObject { get; set; }

    /// <summary>A name for the handler.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByRoute)]
    [Parameter(ParameterSetName = ByServer)]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    /// <summary>The Content-Type of the output.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByRoute)]
    [Parameter(ParameterSetName = ByServer)]
    [ArgumentCompleter(typeof(MediaTypeCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public string? ContentType { get; set; }

    /// <summary>
    /// How many requests the handler may answer at once; 0, the default, for as many as the server's handlers
    /// may.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 10_000)]
    public int ThrottleLimit { get; set; }

    /// <summary>How often a client may call the handler, 10/s or 100/m; none for any number.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string? RateLimit { get; set; }

    /// <summary>What clients are told apart by for that: Address, User or Header:NAME.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RateKeyCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public string? RateKey { get; set; }

    /// <summary>The handler is called before the request body has come, and reads it from $this.Rfile as it comes.</summary>
    [Parameter]
    public SwitchParameter Stream { get; set; }

    /// <summary>The authentications by which its users log in; none for those of the server.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(AuthenticationNameCompleter))]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[] Authentication { get; set; } = [];

    /// <summary>The roles of which a user needs one; none for every user.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[] Role { get; set; } = [];

    /// <summary>Pages of other origins may send it what changes something, with the user's credentials.</summary>
    [Parameter]
    public SwitchParameter AllowCrossSite { get; set; }

    /// <summary>Answers forms 403 that have no token of their session; $false: whatever the server says, takes them.</summary>
    [Parameter]
    public SwitchParameter AntiForgery { get; set; }

    /// <summary>The OpenAPI document of servers does not have the handler.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public SwitchParameter Hidden { get; set; }

    /// <summary>Takes the place of handlers for the same methods and path.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>What no other parameter takes.</summary>
    [Parameter(ValueFromRemainingArguments = true, DontShow = true)]
    public object[] Rest { get; set; } = [];

    /// <summary>The handler is put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            CheckPlaces();
            CheckGiven(nameof(Authentication), Authentication);
            CheckGiven(nameof(Role), Role);
        }
        catch (CommandFailure failure)
        {
            ThrowTerminatingError(failure.Record);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            if (Route is null)
                Register(new HandlerRow
                {
                    Method = Method,
                    Path = Path,
                    ScriptBlock = ScriptBlock,
                    FilePath = FilePath,
                    Server = Server ?? InputObject,
                    Name = Name,
                    ContentType = ContentType,
                    ThrottleLimit = ThrottleLimit,
                    RateLimit = RateLimit,
                    RateKey = RateKey,
                    Stream = Stream,
                    Authentication = NamesIn(Authentication),
                    Role = NamesIn(Role),
                    AllowCrossSite = AllowCrossSite,
                    AntiForgery = ChecksForms,
                    Hidden = Hidden,
                    OnOpen = OnOpen,
                    OnClose = OnClose,
                });
            else
                RegisterTable(Route);
        }
        catch (CommandFailure failure) when (MyInvocation.ExpectingInput)
        {
            // With several inputs, the other handlers are registered all the same.
            WriteError(failure.Record);
        }
        catch (CommandFailure failure)
        {
            ThrowTerminatingError(failure.Record);
        }
    }

    /// <summary>
    /// Says what stands in a wrong place. It does so before the pipeline begins, in which the engine would evaluate a scriptblock
    /// in the place of the methods, and of what has nowhere to go it says no more than that.
    /// </summary>
    private void CheckPlaces()
    {
        var isPiped = MyInvocation.ExpectingInput;
        if (isPiped && Array.Find(Method, static method => method.StartsWith('/')) is { } path)
            Fail($"'{path}' is no method: where methods come by the pipeline, write -Path {path} -ScriptBlock {{ ... }}.",
                "MethodInvalid", ErrorCategory.InvalidArgument, path);
        if (Rest is not [var first, ..])
            return;
        if (Rest.Length > 1 || Method.Length > 0 || Route is not null || ScriptBlock is not null
            || Unwrap(first) is not ScriptBlock block || PatternQuotes.IsPartOfWord(block))
            Refuse(first);
        if (isPiped)
            Fail("The scriptblock stands in the place of the methods: where these come by the pipeline, write "
                + "-ScriptBlock { ... }.", "ScriptBlockNotNamed", ErrorCategory.InvalidArgument, first);
        Fail(NoMethod, "MethodInvalid", ErrorCategory.InvalidArgument, first);
    }

    /// <summary>
    /// A variable that has no value must not open a handler to everybody. Of objects that come by the pipeline, handlers that
    /// are copied for example, an empty property means none.
    /// </summary>
    private void CheckGiven(string parameter, string[]? names)
    {
        if (MyInvocation.BoundParameters.ContainsKey(parameter) && NamesIn(names).Length < Math.Max(names?.Length ?? 0, 1))
            Fail($"-{parameter} is empty, or has an empty name: leave it out for a handler that is to be for everybody.",
                parameter + "Empty", ErrorCategory.InvalidArgument, names);
    }

    private static string[] NamesIn(string[]? names) => [.. (names ?? []).Where(static name => !string.IsNullOrEmpty(name))];

    /// <summary>Without quotes the braces of a path are scriptblocks, and what follows them is left over.</summary>
    private void Refuse(object argument)
    {
        if (Path is ScriptBlock || new[] { argument, ScriptBlock }.OfType<ScriptBlock>().Any(PatternQuotes.IsPartOfWord))
            Fail(PatternQuotes.Missing, "PatternNotQuoted", ErrorCategory.InvalidArgument, argument);
        Fail($"There is no parameter for '{argument}': Register-HttpHandler takes methods, a path and a scriptblock.",
            "ArgumentUnknown", ErrorCategory.InvalidArgument, argument);
    }

    private protected override void Fail(ErrorRecord record) => throw new CommandFailure(record);

    private void RegisterTable(IDictionary table)
    {
        var general = new HandlerRow
        {
            Server = Server,
            ThrottleLimit = ThrottleLimit,
            RateLimit = RateLimit,
            RateKey = RateKey,
            Stream = Stream,
            Authentication = Authentication,
            Role = Role,
            AllowCrossSite = AllowCrossSite,
            AntiForgery = ChecksForms,
            Hidden = Hidden,
            OnOpen = OnOpen,
            OnClose = OnClose,
        };
        if (!HandlerRow.TryRead(table, general, out var rows, out var problem))
            Fail(problem!, "RouteInvalid", ErrorCategory.InvalidArgument, table);
        foreach (var row in rows ?? [])
            Register(row);
    }

    private void Register(HandlerRow row)
    {
        // A scriptblock in the place of the path: Register-HttpHandler POST { ... }.
        var (path, script) = (Unwrap(row.Path), row.ScriptBlock);
        if (path is ScriptBlock inPlaceOfPath && script is null)
            (path, script) = (null, inPlaceOfPath);
        else if (path is ScriptBlock || (script is not null && row.FilePath is null && PatternQuotes.IsPartOfWord(script)))
            Fail(PatternQuotes.Missing, "PatternNotQuoted", ErrorCategory.InvalidArgument, path);
        if (!string.IsNullOrEmpty(row.FilePath) && script is not null)
            Fail("Give the scriptblock or -FilePath, not both.", "ScriptBlockAndFile", ErrorCategory.InvalidArgument,
                row.FilePath);
        if (!string.IsNullOrEmpty(row.FilePath))
            script = ReadFile(row.FilePath);
        var isSocket = row.Method.Contains(SocketScripts.Method, StringComparer.OrdinalIgnoreCase);
        // One that only hears what others send need not say anything to messages.
        if (script is null && isSocket && row.OnOpen is not null)
            script = ScriptBlock.Create("");
        if (script is null)
            Fail("There is no scriptblock: Register-HttpHandler GET /path { ... }.", "ScriptBlockMissing",
                ErrorCategory.InvalidArgument, null);
        CheckParameters(script!);
        if (row.Method.Count == 0)
            Fail(NoMethod, "MethodInvalid", ErrorCategory.InvalidArgument, null);
        CheckSocket(row, isSocket);
        var methods = row.Method.Select(ReadMethod).Distinct(StringComparer.Ordinal).ToArray();
        var pattern = ReadPattern(path);
        var server = ReadServer(row.Server);
        if (!string.IsNullOrEmpty(row.ContentType) && !MediaType.Is(row.ContentType))
            Fail($"-ContentType: '{row.ContentType}' is no media type: use one such as text/html.", "ContentTypeInvalid",
                ErrorCategory.InvalidArgument, row.ContentType);
        var limit = RateLimitText.Read(row.RateLimit, row.RateKey, Fail);
        CheckClasses(server);
        CheckAuthentications(row.Authentication);
        if (server is { Settings.Certificate: null })
            CheckTransport(row.Authentication, $"The server {server.Name}");
        if (server is { Settings.Options.Sessions: null })
            CheckSession(row, server);
        CheckLoginPath(row.Authentication, pattern);
        var where = $"{string.Join(", ", methods)} {pattern?.Text ?? "(every path)"}";
        CheckSame(server, methods, pattern, where);
        if (!ShouldProcess(server?.ToString() ?? "all servers", $"Register handler for {where}"))
            return;

        var handler = new HttpHandler(new HandlerSettings
        {
            ScriptBlock = script!,
            Name = row.Name ?? "",
            Methods = methods,
            Pattern = pattern,
            Server = server,
            ContentType = string.IsNullOrEmpty(row.ContentType) ? null : row.ContentType,
            ThrottleLimit = row.ThrottleLimit,
            RateLimit = limit,
            Stream = row.Stream,
            Authentication = row.Authentication,
            Roles = row.Role,
            AllowsCrossSite = row.AllowCrossSite,
            ChecksForms = row.AntiForgery,
            IsHidden = row.Hidden || isSocket,
            WebSocket = isSocket ? ReadSocket(row) : null,
            SessionValues = CapturedValues.Of(script!, SessionState, "handler", Fail),
        });
        Session.Add(handler);
        foreach (var running in Session.Servers.Where(running => server is null || running == server))
            running.WarmUp();
        if (PassThru)
            WriteObject(handler);
    }

    /// <summary>What is for WebSockets alone, and what is not for them, is told apart by the method.</summary>
    private void CheckSocket(HandlerRow row, bool isSocket)
    {
        if (!isSocket)
        {
            if (GivenForWebSockets.FirstOrDefault() is { } given && !IsPipedProperty(given))
                Fail($"-{given} is for WebSockets: Register-HttpHandler WEBSOCKET /path {{ ... }}.", "ParameterOfWebSocket",
                    ErrorCategory.InvalidArgument, given);
            return;
        }

        if (row.Method.Count > 1)
            Fail("A handler for WEBSOCKET is for nothing else: its scriptblock is called for messages, not for requests.",
                "WebSocketAlone", ErrorCategory.InvalidArgument, row.Method);
        if (row.Stream || !string.IsNullOrEmpty(row.ContentType))
            Fail("-Stream and -ContentType are for answers to requests: a handler for WEBSOCKET has none.",
                "ParameterOfRequest", ErrorCategory.InvalidArgument, row.Method);
        foreach (var script in new[] { row.OnOpen, row.OnClose }.OfType<ScriptBlock>())
            CheckParameters(script);
    }

    /// <summary>Handlers that are copied have these properties, empty for others than those of WebSockets.</summary>
    private bool IsPipedProperty(string name) => MyInvocation.ExpectingInput && name is nameof(OnOpen) or nameof(OnClose);

    private SocketSettings ReadSocket(HandlerRow row) => new(
        row.OnOpen, row.OnOpen is null ? null : CapturedValues.Of(row.OnOpen, SessionState, "handler", Fail),
        row.OnClose, row.OnClose is null ? null : CapturedValues.Of(row.OnClose, SessionState, "handler", Fail),
        ReadOptions(row.AllowCrossSite));

    /// <summary>Null for what the server says.</summary>
    private bool? ChecksForms => MyInvocation.BoundParameters.ContainsKey(nameof(AntiForgery)) ? AntiForgery.IsPresent : null;

    private void CheckSession(HandlerRow row, HttpServerInstance server)
    {
        CheckSessions(row.Authentication, $"The server {server.Name}");
        if (row.AntiForgery == true)
            Fail($"-AntiForgery compares forms with their session, and the server {server.Name} keeps none: start it with "
                + "-Session.", "SessionMissing", ErrorCategory.InvalidArgument, server);
    }

    /// <summary>Nobody could log in at a page that is for users alone.</summary>
    private void CheckLoginPath(IReadOnlyList<string> names, RoutePattern? pattern)
    {
        foreach (var name in names.Where(name => pattern is not null
            && Session.FindAuthentication(name)?.Registered.LoginPath == pattern.Text))
            Fail($"{pattern!.Text} is the page by which users of {name} log in, and cannot ask for that itself: leave "
                + "-Authentication out.", "LoginPathGuarded", ErrorCategory.InvalidArgument, name);
    }

    private void CheckParameters(ScriptBlock script)
    {
        if (ParameterRoles.FindScript(script.Ast) is { } parameter)
            Fail($"The parameter ${parameter} is a [scriptblock]: no client's text becomes a script. Give it another type.",
                "ParameterIsScript", ErrorCategory.InvalidArgument, script);
        if (ParameterRoles.FindOwnClass(script.Ast) is { } own)
            Fail($"The parameter ${own} is of a class that the scriptblock defines, which is there when it runs and no sooner. "
                + "Define the class in -InitializationScript of Start-HttpServer.", "ParameterOfOwnClass",
                ErrorCategory.InvalidArgument, script);
    }

    private ScriptBlock? ReadFile(string path)
    {
        var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        if (provider.Name != "FileSystem" || !File.Exists(full))
            Fail($"There is no script {full}: give one that exists with -FilePath.", "ScriptNotFound",
                ErrorCategory.ObjectNotFound, full);
        // The script is read with its path, so that errors name the file.
        var tree = Parser.ParseFile(full, out _, out var errors);
        if (errors is [var error, ..])
        {
            Fail($"The script {full} does not parse: {error.Message} "
                + $"(line {error.Extent.StartLineNumber} char {error.Extent.StartColumnNumber})",
                "ScriptNotParsed", ErrorCategory.ParserError, full);
        }

        return tree.GetScriptBlock();
    }

    private string ReadMethod(string method)
    {
        if (!HttpToken.Is(method))
            Fail($"'{method}' is no method: a method is a word such as GET, or * for all.", "MethodInvalid",
                ErrorCategory.InvalidArgument, method);
        // Methods are told apart by case (RFC 9110, section 9.1), and the usual ones are in capitals.
        return method.ToUpperInvariant();
    }

    private RoutePattern? ReadPattern(object? path)
    {
        if (path is null)
            return null;
        if (RoutePattern.TryParse(path.ToString() ?? "", out var pattern, out var problem))
            return pattern;
        Fail(problem!, "PatternInvalid", ErrorCategory.InvalidArgument, path);
        return null;
    }

    private HttpServerInstance? ReadServer(object? wanted)
    {
        switch (Unwrap(wanted))
        {
            case null or "":
                return null;
            case HttpServerInstance { State: HttpServerState.Running } server:
                return server;
            case HttpServerInstance server:
                Fail($"The server {server.Name} has been stopped. Start it with Restart-HttpServer, or give another with "
                    + "-Server.",
                    "ServerStopped", ErrorCategory.InvalidOperation, server);
                return null;
            case int id:
                return Session.Servers.FirstOrDefault(server => server.Id == id) ?? NoServer(id);
            case var name:
                return Session.Servers.FirstOrDefault(
                    server => server.Name.Equals(name.ToString(), StringComparison.OrdinalIgnoreCase)) ?? NoServer(name);
        }
    }

    private HttpServerInstance? NoServer(object wanted)
    {
        Fail($"There is no server '{wanted}' in this session. Get-HttpServer shows those there are; without -Server the "
            + "handler is for all.", "ServerNotFound", ErrorCategory.ObjectNotFound, wanted);
        return null;
    }

    private void CheckSame(HttpServerInstance? server, string[] methods, RoutePattern? pattern, string where)
    {
        if (!Force && Session.FindSame(server, methods, pattern?.Canonical) is { } known)
            Fail($"There is a handler for {where} already: {known.Name}. Use -Force to put this one in its place, or "
                + "unregister that one.", "HandlerExists", ErrorCategory.ResourceExists, known);
    }

    /// <summary>A server whose class answers everything has no use for handlers.</summary>
    private void CheckClasses(HttpServerInstance? server)
    {
        if (server?.Settings.HandlerType is { } type)
            Fail($"The server {server.Name} answers all requests by its class {type.Name}, so the handler would never be "
                + "called. Give the class a method, or start a server without -HandlerType.",
                "ServerHasHandlerType", ErrorCategory.InvalidOperation, server);
        if (server is null && Session.Servers.FirstOrDefault(static running => running.State == HttpServerState.Running
            && running.Settings.HandlerType is not null) is { } classes)
            WriteWarning($"The server {classes.Name} answers all requests by its class {classes.Settings.HandlerType!.Name}: "
                + "the handler is not called there.");
    }
}
