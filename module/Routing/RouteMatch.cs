namespace Http.Server.PowerShell.Routing;

/// <summary>
/// What a search for a route gave: a handler, or the methods that the path is there for, or nothing (the default value).
/// </summary>
internal readonly struct RouteMatch<T>
{
    private readonly IReadOnlyDictionary<string, string>? _values;
    private readonly IReadOnlyList<string>? _allowed;

    private RouteMatch(T? handler, IReadOnlyDictionary<string, string>? values, IReadOnlyList<string>? allowed)
    {
        IsFound = allowed is null;
        Handler = handler;
        _values = values;
        _allowed = allowed;
    }

    /// <summary>Whether there is a handler.</summary>
    public bool IsFound { get; }

    /// <summary>What answers, when found.</summary>
    public T? Handler { get; }

    /// <summary>The parameters' values, by name in any case; none if not found.</summary>
    public IReadOnlyDictionary<string, string> Values => _values ?? RoutePattern.NoValues;

    /// <summary>
    /// The methods for an Allow header (RFC 9110 section 10.2.1), sorted, when the path has routes but none for the method asked
    /// for; empty otherwise.
    /// </summary>
    public IReadOnlyList<string> Allowed => _allowed ?? [];

    public static RouteMatch<T> Found(T handler, IReadOnlyDictionary<string, string> values) => new(handler, values, null);

    public static RouteMatch<T> NotAllowed(IReadOnlyList<string> allowed) => new(default, null, allowed);
}
