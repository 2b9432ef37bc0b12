using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.Filters;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell;

/// <summary>
/// A scriptblock that sees requests before, or after, what answers them: what <c>Register-HttpFilter</c> makes and
/// <c>Get-HttpFilter</c> shows.
/// </summary>
public sealed class HttpFilter
{
    internal HttpFilter(string name, IReadOnlyList<string> methods, RoutePattern? pattern, ScriptBlock script,
        IDictionary? sessionValues, bool isAfter, bool includesFiles)
    {
        Id = HttpHandler.NextId();
        Name = name.Length > 0 ? name : "Filter" + Id;
        ScriptBlock = script;
        var parameters = ParameterRoles.Read(script.Ast, pattern?.ParameterNames ?? [], hasBody: !includesFiles);
        var callable = new CallableScript(Id, script, HandlerBody.Make, parameters) { SessionValues = sessionValues };
        Registered = new RegisteredFilter(methods, pattern, callable) { IsAfter = isAfter, IncludesFiles = includesFiles };
    }

    /// <summary>The filter's number in this session, which no handler has either.</summary>
    public int Id { get; }

    /// <summary>The filter's name; <c>Filter</c> and its number if it was not given one.</summary>
    public string Name { get; }

    /// <summary>The methods that it sees; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Method => Registered.Methods;

    /// <summary>The pattern of the paths that it sees; null for every path.</summary>
    public string? Path => Registered.Pattern?.Text;

    /// <summary>The scriptblock.</summary>
    public ScriptBlock ScriptBlock { get; }

    /// <summary>The server it was registered for; null for all servers of the session.</summary>
    public HttpServerInstance? Server { get; internal init; }

    /// <summary>It sees answers, before they are sent; else requests.</summary>
    public bool After => Registered.IsAfter;

    /// <summary>It sees requests for files too.</summary>
    public bool IncludeFiles => Registered.IncludesFiles;

    /// <summary>How often it has been called.</summary>
    public int Calls => Registered.Calls;

    /// <summary>What a server's connections call.</summary>
    internal RegisteredFilter Registered { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", Method)} {Path ?? "(every path)"}";
}
