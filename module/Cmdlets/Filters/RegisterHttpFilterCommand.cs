using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Cmdlets.Filters;

/// <summary>Has a scriptblock see requests before the handlers that answer them, or the answers before they are sent.</summary>
[Cmdlet(VerbsLifecycle.Register, "HttpFilter", SupportsShouldProcess = true, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpFilter))]
public sealed class RegisterHttpFilterCommand : HttpServerCommand
{
    /// <summary>The scriptblock.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public ScriptBlock ScriptBlock { get; set; } = ScriptBlock.Create("");

    /// <summary>The pattern of the paths; none for every path.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PatternCompleter))]
    public string? Path { get; set; }

    /// <summary>The methods; all by default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MethodCompleter))]
    [ValidateNotNullOrEmpty]
    [ValidatePattern(@"^([A-Za-z0-9!#$%&'*+.^_`|~-]+)$")]
    public string[] Method { get; set; } = ["*"];

    /// <summary>The filter sees the answer of a handler before it is sent; else the request before the handler.</summary>
    [Parameter]
    public SwitchParameter After { get; set; }

    /// <summary>The filter sees requests for files, listings, programs and uploads too.</summary>
    [Parameter]
    public SwitchParameter IncludeFiles { get; set; }

    /// <summary>The server, as an object, by name or by number; none for all servers of the session, later ones too.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public object? Server { get; set; }

    /// <summary>A name for the filter.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    /// <summary>The filter is put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (PatternQuotes.IsPartOfWord(ScriptBlock))
            Fail(PatternQuotes.Missing, "PatternNotQuoted", ErrorCategory.InvalidArgument, ScriptBlock);
        if (After && IncludeFiles)
            Fail("-After sees answers of handlers: a file is sent as it is read. A filter without -After may set headers of "
                + "files in $Response.Headers.", "AfterFiles", ErrorCategory.InvalidArgument, null);
        if (ParameterRoles.FindScript(ScriptBlock.Ast) is { } parameter)
            Fail($"The parameter ${parameter} is a [scriptblock]: no client's text becomes a script. Give it another type.",
                "ParameterIsScript", ErrorCategory.InvalidArgument, ScriptBlock);
        RoutePattern? pattern = null;
        if (!string.IsNullOrEmpty(Path) && !RoutePattern.TryParse(Path, out pattern, out var problem))
            Fail(problem!, "PatternInvalid", ErrorCategory.InvalidArgument, Path);
        if (Server is null)
            Register(pattern, null);
        else
            FindServers(Server).ToList().ForEach(server => Register(pattern, server));
    }

    private void Register(RoutePattern? pattern, HttpServerInstance? server)
    {
        var methods = Method.Select(static method => method.ToUpperInvariant()).Distinct(StringComparer.Ordinal).ToArray();
        if (!ShouldProcess(server?.ToString() ?? "all servers",
            $"Register filter for {string.Join(", ", methods)} {pattern?.Text ?? "(every path)"}"))
            return;
        var values = CapturedValues.Of(ScriptBlock, SessionState, "filter", Fail);
        var filter = new HttpFilter(Name ?? "", methods, pattern, ScriptBlock, values, After, IncludeFiles)
        {
            Server = server,
        };
        Session.Add(filter);
        if (PassThru)
            WriteObject(filter);
    }
}
