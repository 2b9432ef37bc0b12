using System.Text;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>A pattern as a path of the document: each part that varies is a parameter with a name.</summary>
internal sealed class PathTemplate
{
    /// <summary>What a segment may have as it is (RFC 3986, section 3.3) beside letters, digits and <c>-._~</c>.</summary>
    private const string Kept = "!$&'()*+,;=:@";

    private readonly List<PathParameter> _parameters = [];

    /// <param name="pattern">The pattern; null for every path.</param>
    public PathTemplate(RoutePattern? pattern)
    {
        if (pattern is null)
        {
            (Text, Shape) = ("/{path}", "/{}");
            _parameters.Add(new PathParameter("path", RouteConstraint.None, TakesSegments: true));
            return;
        }

        var taken = new HashSet<string>(pattern.ParameterNames, StringComparer.OrdinalIgnoreCase);
        var (text, shape) = (new StringBuilder(), new StringBuilder());
        foreach (var segment in pattern.Segments)
        {
            text.Append('/');
            shape.Append('/');
            for (var index = 0; index < segment.Literals.Count; index++)
            {
                var literal = Escape(segment.Literals[index]);
                text.Append(literal);
                shape.Append(literal.ToUpperInvariant());
                if (index == segment.Placeholders.Count)
                    continue;
                var placeholder = segment.Placeholders[index];
                var parameter = new PathParameter(placeholder.Name ?? Unused(taken), placeholder.Constraint,
                    segment.Kind is RouteSegmentKind.Rest or RouteSegmentKind.Tail);
                _parameters.Add(parameter);
                text.Append('{').Append(parameter.Name).Append('}');
                shape.Append("{}");
            }
        }

        (Text, Shape) = text.Length == 0 ? ("/", "/") : (text.ToString(), shape.ToString());
        Prefix = pattern.LiteralPrefix;
    }

    /// <summary>The path.</summary>
    public string Text { get; }

    /// <summary>
    /// The same for paths that differ in the names of parameters and in what these take: a document may have one of them only.
    /// </summary>
    public string Shape { get; }

    /// <summary>The parameters from the left.</summary>
    public IReadOnlyList<PathParameter> Parameters => _parameters;

    /// <summary>The decoded segments that all of its paths begin with.</summary>
    public IReadOnlyList<string> Prefix { get; } = [];

    private static string Unused(HashSet<string> taken)
    {
        var name = "any";
        for (var number = 2; !taken.Add(name); number++)
            name = $"any{number}";
        return name;
    }

    private static string Escape(string literal) =>
        string.Concat(literal.EnumerateRunes().Select(static rune => rune.IsAscii && Kept.Contains((char)rune.Value,
            StringComparison.Ordinal) ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
}
