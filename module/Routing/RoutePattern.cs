using System.Collections.ObjectModel;
using System.Text;

namespace Http.Server.PowerShell.Routing;

/// <summary>
/// A path as users write it in a route: <c>/items/{id:int}</c>, <c>/files/{*path}</c>, <c>/api/*</c>,
/// <c>/reports/{name}.json</c>. Literal text is compared without regard to case, and a slash at the end makes no difference.
/// Immutable.
/// </summary>
internal sealed class RoutePattern : IComparable<RoutePattern>
{
    private readonly RouteSegment[] _segments;

    // Segments before a last one that stands for any number of them.
    private readonly int _fixedCount;
    private readonly bool _hasParameters;

    private RoutePattern(string text, RouteSegment[] segments)
    {
        Text = text;
        _segments = segments;
        var isOpen = segments is [.., { Kind: RouteSegmentKind.Tail or RouteSegmentKind.Rest }];
        _fixedCount = isOpen ? segments.Length - 1 : segments.Length;
        _hasParameters = Array.Exists(segments, static segment => segment.HasParameters);
        LiteralPrefix = [.. segments.TakeWhile(static segment => segment.Kind == RouteSegmentKind.Literal)
            .Select(static segment => segment.Literal)];

        var canonical = new StringBuilder();
        foreach (var segment in segments)
            segment.AppendCanonical(canonical.Append('/'));
        Canonical = canonical.Length == 0 ? "/" : canonical.ToString();
    }

    /// <summary>
    /// What a match without parameters has for values. It cannot be written to, so every request may be given
    /// it.
    /// </summary>
    public static IReadOnlyDictionary<string, string> NoValues { get; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>
    /// The same text for patterns that match the same paths in the same way: those that differ only in the case of literals, in
    /// the names of parameters, in escapes and in slashes.
    /// </summary>
    public string Canonical { get; }

    /// <summary>The literal segments that the pattern begins with, decoded.</summary>
    public IReadOnlyList<string> LiteralPrefix { get; }

    /// <summary>Whether there is nothing but literal segments, so that the pattern matches one path.</summary>
    public bool IsLiteral => LiteralPrefix.Count == _segments.Length;

    /// <summary>The segments from the left.</summary>
    public IReadOnlyList<RouteSegment> Segments => _segments;

    /// <summary>The names of the placeholders.</summary>
    public IReadOnlyCollection<string> ParameterNames => [.. _segments.SelectMany(static segment => segment.ParameterNames)];

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="pattern">The pattern; null when false is returned.</param>
    /// <param name="problem">
    /// A sentence that names the pattern, what is wrong with it and what to write; null when true is returned.
    /// </param>
    public static bool TryParse(string text, out RoutePattern? pattern, out string? problem)
    {
        pattern = null;
        problem = FindProblemOfWhole(text);
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var segments = new RouteSegment[parts.Length];
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; problem is null && index < parts.Length; index++)
        {
            var reader = new RouteSegmentReader(parts[index], isLast: index == parts.Length - 1);
            if (!reader.TryRead(out var segment, out problem)) break;
            segments[index] = segment!;
            if (segment!.ParameterNames.FirstOrDefault(name => !names.Add(name)) is { } twice)
                problem = $"has two parameters of the name '{twice}': give each a name of its own";
        }

        if (problem is null) pattern = new RoutePattern(text, segments);
        else problem = $"The pattern '{text}' {problem}.";
        return problem is null;
    }

    /// <summary>Whether a path matches. Allocates nothing.</summary>
    /// <param name="segments">The decoded segments of the path: none is empty, <c>.</c> or <c>..</c>.</param>
    public bool Matches(IReadOnlyList<string> segments)
    {
        var hasRightCount = _fixedCount == _segments.Length
            ? segments.Count == _fixedCount
            : segments.Count >= _fixedCount + (_segments[^1].Kind == RouteSegmentKind.Tail ? 1 : 0);
        if (!hasRightCount) return false;

        for (var index = 0; index < _fixedCount; index++)
        {
            if (!_segments[index].Matches(segments[index])) return false;
        }

        return true;
    }

    /// <summary>The values of the parameters, by name in any case, from a path that matches.</summary>
    /// <param name="segments">The segments of the path.</param>
    public IReadOnlyDictionary<string, string> ReadValues(IReadOnlyList<string> segments)
    {
        if (!_hasParameters) return NoValues;
        // PowerShell reads $values.id from what is an IDictionary too.
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < _fixedCount; index++)
            _segments[index].ReadValues(segments[index], values);
        if (_segments[^1].Kind == RouteSegmentKind.Rest)
            values.Add(_segments[^1].ParameterNames.Single(), string.Join('/', segments.Skip(_fixedCount)));
        return values;
    }

    /// <summary>Matches a path and reads the parameters. Allocates nothing if it does not match or has no parameters.</summary>
    /// <param name="segments">The segments of the path.</param>
    /// <param name="values">The values of the parameters, by name in any case; null if the path does not match.</param>
    public bool TryMatch(IReadOnlyList<string> segments, out IReadOnlyDictionary<string, string>? values)
    {
        var matches = Matches(segments);
        values = matches ? ReadValues(segments) : null;
        return matches;
    }

    /// <summary>
    /// Puts the most specific pattern first: of all that match a path, the first one is to answer. Segments are compared by their
    /// kind from the left, a pattern that goes on comes before one that ends unless a catch-all follows, and ties are put in
    /// order by <see cref="Canonical"/>. It is 0 just for patterns of the same canonical text.
    /// </summary>
    public int CompareTo(RoutePattern? other)
    {
        if (other is null) return 1;
        for (var index = 0; index < _segments.Length && index < other._segments.Length; index++)
        {
            var order = _segments[index].CompareTo(other._segments[index]);
            if (order != 0) return order;
        }

        var common = Math.Min(_segments.Length, other._segments.Length);
        var ends = KindAt(common).CompareTo(other.KindAt(common));
        return ends != 0 ? ends : string.CompareOrdinal(Canonical, other.Canonical);
    }

    /// <summary>The pattern as it was written.</summary>
    public override string ToString() => Text;

    private RouteSegmentKind KindAt(int index) => index < _segments.Length ? _segments[index].Kind : RouteSegmentKind.End;

    private static string? FindProblemOfWhole(string text)
    {
        if (!text.StartsWith('/')) return "does not start with '/': write the path from the root on, such as '/items/{id}'";
        if (text.Contains("?}", StringComparison.Ordinal))
            return "has a parameter with '?', but no parameter is optional: write one pattern with it and one without";
        if (text.Contains('?', StringComparison.Ordinal))
            return "has a '?', which begins the query, and that is no part of a route: leave it out, or write '%3F' for the "
                + "sign itself";
        return text.Contains('#', StringComparison.Ordinal)
            ? "has a '#', which begins a fragment, and that is never sent: leave it out, or write '%23' for the sign itself"
            : null;
    }
}
