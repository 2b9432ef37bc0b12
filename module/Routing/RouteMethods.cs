namespace Http.Server.PowerShell.Routing;

/// <summary>The routes of one path, or of none, of which the method chooses one.</summary>
internal sealed class RouteMethods<T>
{
    private const string Any = "*";

    private readonly RouteEntry<T>[] _entries;

    /// <param name="entries">The routes; of two for one method the first counts.</param>
    public RouteMethods(IEnumerable<RouteEntry<T>> entries) => _entries = [.. entries];

    /// <summary>The methods that routes were registered for, <c>*</c> among them if one is for any.</summary>
    public IEnumerable<string> Names => _entries.Select(static entry => entry.Method);

    /// <summary>
    /// The route for a method, null if there is none. A HEAD is a GET whose content is not sent (RFC 9110 section 9.3.2), so the
    /// route for GET answers it, before one for any method, unless there is one for HEAD itself.
    /// </summary>
    public RouteEntry<T>? Find(string method) =>
        FindExact(method) ?? (method == "HEAD" ? FindExact("GET") : null) ?? FindExact(Any);

    private RouteEntry<T>? FindExact(string method)
    {
        foreach (var entry in _entries)
        {
            if (entry.Method == method) return entry;
        }

        return null;
    }
}
