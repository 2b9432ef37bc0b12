using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Gets the handlers that have been registered.</summary>
[Cmdlet(VerbsCommon.Get, "HttpHandler", DefaultParameterSetName = ByPipedName, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpHandler))]
public sealed class GetHttpHandlerCommand : HttpServerCommand
{
    private const string ByName = "Name";
    private const string ById = "Id";

    /// <summary>
    /// Names come by the pipeline. Only a set without positions has them: otherwise the engine keeps a scriptblock, the braces of
    /// a path without quotes, for the pipeline, and its own error does not say that a path wants quotes.
    /// </summary>
    private const string ByPipedName = "PipedName";

    /// <summary>Servers come by the pipeline. They have names of their own, which are not their handlers'.</summary>
    private const string ByServer = "InputObject";

    /// <summary>The names of the handlers; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPipedName)]
    [Parameter(Position = 0, ParameterSetName = ByServer)]
    [Names(KeepsBraces = true)]
    [ArgumentCompleter(typeof(HandlerNameCompleter))]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>The numbers of the handlers.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ById)]
    [Ids]
    [ArgumentCompleter(typeof(HandlerIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>Handlers for this method alone.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MethodCompleter))]
    public string? Method { get; set; }

    /// <summary>Handlers for this pattern alone; wildcards are allowed.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PatternCompleter))]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>The handlers that answer at this server, which is an object, a name or a number.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = ByPipedName)]
    [Parameter(ParameterSetName = ById)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public object? Server { get; set; }

    /// <summary>The servers whose handlers are wanted, by the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByServer)]
    public HttpServerInstance[]? InputObject { get; set; }

    /// <summary>What no other parameter takes.</summary>
    [Parameter(ValueFromRemainingArguments = true, DontShow = true)]
    public object[] Rest { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Name?.Contains(PatternQuotes.Missing) == true)
            Fail(PatternQuotes.Missing, "PatternNotQuoted", ErrorCategory.InvalidArgument, Path);
        Refuse(Rest, "Get-HttpHandler takes names, -Id, -Method, -Path and -Server.");
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<HttpHandler> handlers = (Server ?? InputObject) is { } server
            ? [.. FindServers(server).SelectMany(static server => server.Handlers).Distinct()]
            : Session.Handlers;
        var patterns = Name?.Select(static name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToArray();
        var path = Path is null ? null : PathIs(Path);
        WriteObject(
            handlers.Where(handler => (patterns is null || Array.Exists(patterns, pattern => pattern.IsMatch(handler.Name)))
                && (Id.Length == 0 || Id.Contains(handler.Id))
                && (Method is null || handler.Method.Contains(Method, StringComparer.OrdinalIgnoreCase))
                && (path is null || path(handler))),
            enumerateCollection: true);
        foreach (var name in Name ?? [])
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name)
                && !handlers.Any(handler => handler.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                Report($"There is no handler named '{name}'. Get-HttpHandler shows those there are.", "HandlerNotFound",
                    ErrorCategory.ObjectNotFound, name);
        }

        foreach (var id in Id.Where(id => !handlers.Any(handler => handler.Id == id)))
            Report($"There is no handler with the number {id}. Get-HttpHandler shows those there are.", "HandlerNotFound",
                ErrorCategory.ObjectNotFound, id);
    }
}
