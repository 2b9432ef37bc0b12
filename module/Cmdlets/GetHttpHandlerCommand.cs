using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Gets the handlers that have been registered.</summary>
[Cmdlet(VerbsCommon.Get, "HttpHandler")]
[OutputType(typeof(HttpHandler))]
public sealed class GetHttpHandlerCommand : HttpServerCommand
{
    /// <summary>The names of the handlers; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(HandlerNameCompleter))]
    [SupportsWildcards]
    public string[]? Name { get; set; }

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
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public object? Server { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<HttpHandler> handlers = Server is null
            ? Session.Handlers
            : [.. FindServers(Server).SelectMany(static server => server.Handlers).Distinct()];
        var patterns = Name?.Select(static name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToArray();
        var path = Path is null ? null : WildcardPattern.Get(Path, WildcardOptions.IgnoreCase);
        WriteObject(
            handlers.Where(handler => (patterns is null || Array.Exists(patterns, pattern => pattern.IsMatch(handler.Name)))
                && (Method is null || handler.Method.Contains(Method, StringComparer.OrdinalIgnoreCase))
                && (path is null || (handler.Path is { } own && (path.IsMatch(own) || own.Equals(Path, StringComparison.OrdinalIgnoreCase))))),
            enumerateCollection: true);
        foreach (var name in Name ?? [])
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name) && !handlers.Any(handler => handler.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                Report($"There is no handler named '{name}'. Get-HttpHandler shows those there are.", "HandlerNotFound", ErrorCategory.ObjectNotFound, name);
        }
    }
}
