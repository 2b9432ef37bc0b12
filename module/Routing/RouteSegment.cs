using System.Text;

namespace Http.Server.PowerShell.Routing;

/// <summary>One segment of a pattern: literal texts and the placeholders between them.</summary>
internal sealed class RouteSegment
{
    private readonly string[] _literals;
    private readonly RoutePlaceholder[] _placeholders;
    private readonly int _literalLength;

    /// <param name="kind">The kind, which fits the rest.</param>
    /// <param name="literals">One more than placeholders, decoded; the first and the last may be empty.</param>
    /// <param name="placeholders">The placeholders, none for a literal.</param>
    public RouteSegment(RouteSegmentKind kind, string[] literals, RoutePlaceholder[] placeholders)
    {
        Kind = kind;
        _literals = literals;
        _placeholders = placeholders;
        _literalLength = literals.Sum(static literal => literal.Length);
        HasParameters = Array.Exists(placeholders, static placeholder => placeholder.Name is not null);
    }

    public RouteSegmentKind Kind { get; }

    public bool HasParameters { get; }

    /// <summary>The decoded texts around the placeholders: one more than these, the first and the last may be empty.</summary>
    public IReadOnlyList<string> Literals => _literals;

    /// <summary>The placeholders from the left; none in a literal segment.</summary>
    public IReadOnlyList<RoutePlaceholder> Placeholders => _placeholders;

    /// <summary>The text of a literal segment.</summary>
    public string Literal => _literals[0];

    /// <summary>The names of the parameters from the left.</summary>
    public IEnumerable<string> ParameterNames => _placeholders.Select(static placeholder => placeholder.Name).OfType<string>();

    /// <summary>Whether one segment of a path matches. Allocates nothing.</summary>
    public bool Matches(string segment)
    {
        if (_placeholders.Length == 0) return segment.Equals(Literal, StringComparison.OrdinalIgnoreCase);
        if (!TryCutLiterals(segment, out var middle)) return false;
        return _placeholders.Length == 1
            ? _placeholders[0].Accepts(middle)
            : SegmentSplitter.TrySplit(middle, _literals, _placeholders, []);
    }

    /// <summary>Adds the parameters' values from a segment that matches.</summary>
    public void ReadValues(string segment, Dictionary<string, string> values)
    {
        if (!HasParameters || !TryCutLiterals(segment, out var middle)) return;
        Span<int> ends = _placeholders.Length <= 16 ? stackalloc int[_placeholders.Length] : new int[_placeholders.Length];
        if (_placeholders.Length == 1) ends[0] = middle.Length;
        else SegmentSplitter.TrySplit(middle, _literals, _placeholders, ends);

        var start = 0;
        for (var index = 0; index < ends.Length; index++)
        {
            var value = middle[start..ends[index]];
            if (_placeholders[index].Name is { } name)
                values.Add(name, value.Length == segment.Length ? segment : value.ToString());
            start = ends[index] + _literals[index + 1].Length;
        }
    }

    /// <summary>Less than 0 if this segment is the more specific one; 0 does not say that both match the same.</summary>
    public int CompareTo(RouteSegment other)
    {
        var order = Kind.CompareTo(other.Kind);
        if (order != 0 || Kind == RouteSegmentKind.Literal) return order;

        order = other._literalLength.CompareTo(_literalLength);
        for (var index = 0; order == 0 && index < Math.Min(_placeholders.Length, other._placeholders.Length); index++)
            order = _placeholders[index].Breadth.CompareTo(other._placeholders[index].Breadth);
        return order != 0 ? order : _placeholders.Length.CompareTo(other._placeholders.Length);
    }

    /// <summary>
    /// Writes what the segment matches: the same text for segments that differ only in the case of literals and in
    /// names.
    /// </summary>
    public void AppendCanonical(StringBuilder text)
    {
        for (var index = 0; index < _literals.Length; index++)
        {
            text.Append(Fold(_literals[index]).Replace("%", "%25", StringComparison.Ordinal)
                .Replace("*", "%2A", StringComparison.Ordinal)
                .Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
            if (index == _placeholders.Length) break;

            var (name, constraint) = _placeholders[index];
            if (Kind == RouteSegmentKind.Rest) text.Append("{*}");
            else if (name is null) text.Append('*');
            else if (constraint == RouteConstraint.None) text.Append("{}");
            else text.Append("{:").Append(RouteConstraints.NameOf(constraint)).Append('}');
        }
    }

    /// <summary>
    /// The same text for literals that are equal without regard to case: upper case, but for the long s. Its upper case is an S
    /// where ICU is used, and yet no comparison takes it for one.
    /// </summary>
    private static string Fold(string literal) =>
        string.Join('\u017F', literal.Split('\u017F').Select(static part => part.ToUpperInvariant()));

    /// <summary>What lies between the first literal and the last one.</summary>
    private bool TryCutLiterals(string segment, out ReadOnlySpan<char> middle)
    {
        var first = _literals[0];
        var last = _literals[^1];
        middle = default;
        if (segment.Length < first.Length + last.Length
            || !segment.StartsWith(first, StringComparison.OrdinalIgnoreCase)
            || !segment.EndsWith(last, StringComparison.OrdinalIgnoreCase)) return false;
        middle = segment.AsSpan(first.Length, segment.Length - first.Length - last.Length);
        return true;
    }
}
