using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers.Filters;

/// <summary>A script that sees requests before, or after, what answers them.</summary>
internal sealed class RegisteredFilter(IReadOnlyList<string> methods, RoutePattern? pattern, CallableScript script)
{
    private int _calls;

    /// <summary>The methods that it sees; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Methods => methods;

    /// <summary>The paths that it sees; null for every path.</summary>
    public RoutePattern? Pattern => pattern;

    public CallableScript Script => script;

    /// <summary>It sees the answer of a handler, before that is sent; else the request.</summary>
    public bool IsAfter { get; init; }

    /// <summary>It sees requests for files too.</summary>
    public bool IncludesFiles { get; init; }

    /// <summary>How often it has been called.</summary>
    public int Calls => _calls;

    public void CountCall() => Interlocked.Increment(ref _calls);

    /// <summary>Whether it sees a request. A HEAD is a GET whose content is not sent (RFC 9110, section 9.3.2).</summary>
    /// <param name="method">The method.</param>
    /// <param name="segments">The decoded path; null for one that the server refuses, which handlers for every path get.</param>
    /// <param name="values">The values of the pattern.</param>
    public bool Sees(string method, IReadOnlyList<string>? segments, out IReadOnlyDictionary<string, string> values)
    {
        values = RoutePattern.NoValues;
        if (!methods.Contains(method) && !methods.Contains("*") && !(method == "HEAD" && methods.Contains("GET")))
            return false;
        if (pattern is null)
            return true;
        // What is for paths of every beginning is not got round by a path that cannot be read.
        if (segments is null)
            return pattern.LiteralPrefix.Count == 0;
        if (!pattern.TryMatch(segments, out var found))
            return false;
        values = found!;
        return true;
    }
}
