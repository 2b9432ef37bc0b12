namespace Http.Server.PowerShell.Routing;

/// <summary>
/// Finds the route for a request. Immutable: when routes change, a new table takes the place of the old one.
/// </summary>
/// <remarks>
/// Patterns lie in a tree by the literal segments they begin with. Of two patterns that match a path, the one with more of these
/// is the more specific one, and the pattern that is literal to its end comes before all others. So going up from the deepest
/// node that the path leads to meets them in the right order, and passes all that begin with something else.
/// </remarks>
internal sealed class RouteTable<T>
{
    private readonly RouteNode<T> _root = new(null);
    private readonly RouteMethods<T> _pathless;

    /// <param name="entries">The routes. Of two for the same method and path the first counts.</param>
    public RouteTable(IReadOnlyList<RouteEntry<T>> entries)
    {
        _pathless = new RouteMethods<T>(entries.Where(static entry => entry.Pattern is null));
        var groups = entries.Where(static entry => entry.Pattern is not null)
            .GroupBy(static entry => entry.Pattern!.Canonical, StringComparer.Ordinal)
            .Select(static same => new RouteGroup<T>(same.First().Pattern!, new RouteMethods<T>(same)))
            .OrderBy(static group => group.Pattern);
        foreach (var group in groups)
            _root.Add(group);
        Methods = [.. entries.Select(static entry => entry.Method).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The methods of all routes, <c>*</c> among them if one is for any.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>
    /// Finds the most specific route that has the path and the method. Only if there is none, the methods of all routes that have
    /// the path are told.
    /// </summary>
    /// <param name="method">The request's method; case counts (RFC 9110 section 9.1).</param>
    /// <param name="segments">The decoded segments of the path; null for a path that the server refuses, which no route
    /// has.</param>
    public RouteMatch<T> Find(string method, IReadOnlyList<string>? segments)
    {
        if (segments is null) return default;

        var deepest = _root.FindDeepest(segments, out var depth);
        if (depth == segments.Count && deepest.Literal?.Methods.Find(method) is { } literal)
            return RouteMatch<T>.Found(literal.Handler, RoutePattern.NoValues);

        for (var node = deepest; node is not null; node = node.Parent)
        {
            for (var index = 0; index < node.Groups.Count; index++)
            {
                var group = node.Groups[index];
                // The names of the parameters are those of the route's own pattern.
                if (group.Methods.Find(method) is { Pattern: { } pattern } entry && pattern.TryMatch(segments, out var values))
                    return RouteMatch<T>.Found(entry.Handler, values!);
            }
        }

        return FindAllowed(deepest, depth, segments);
    }

    /// <summary>Finds the route without a path for a method, or nothing.</summary>
    /// <param name="method">The request's method; case counts.</param>
    public RouteMatch<T> FindPathless(string method) =>
        _pathless.Find(method) is { } entry ? RouteMatch<T>.Found(entry.Handler, RoutePattern.NoValues) : default;

    private static RouteMatch<T> FindAllowed(RouteNode<T> deepest, int depth, IReadOnlyList<string> segments)
    {
        SortedSet<string>? allowed = null;
        if (depth == segments.Count && deepest.Literal is { } literal)
            allowed = new SortedSet<string>(literal.Methods.Names, StringComparer.Ordinal);

        for (var node = deepest; node is not null; node = node.Parent)
        {
            for (var index = 0; index < node.Groups.Count; index++)
            {
                var group = node.Groups[index];
                if (!group.Pattern.Matches(segments)) continue;
                allowed ??= new SortedSet<string>(StringComparer.Ordinal);
                allowed.UnionWith(group.Methods.Names);
            }
        }

        if (allowed is null) return default;
        if (allowed.Contains("GET")) allowed.Add("HEAD");
        allowed.Add("OPTIONS");
        return RouteMatch<T>.NotAllowed([.. allowed]);
    }
}
