using System.Text.RegularExpressions;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>Patterns and paths by chance, of few letters so that they meet often; for each pattern a regular expression of the same meaning.</summary>
internal sealed class RandomRoutes(int seed)
{
    private static readonly string[] Texts = ["a", "b", "A", "ab", "-", "--", ".", "1"];

    private static readonly (string Name, string Expression)[] Constraints =
    [
        ("", "[^/]+"), ("", "[^/]+"), (":int", "[+-]?[0-9]+"), (":long", "[+-]?[0-9]+"), (":alpha", "[A-Za-z]+"), (":bool", "(?:true|false)"),
        (":decimal", @"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    ];

#pragma warning disable CA5394 // The numbers are to be the same in every run.
    private readonly Random _random = new(seed);
    private int _parameters;

    public (RoutePattern Pattern, Regex Expression) NextPattern()
    {
        _parameters = 0;
        var text = "";
        var expression = "";
        var count = _random.Next(4);
        for (var index = 0; index < count; index++)
        {
            var (segment, part) = NextSegment(isLast: index == count - 1);
            text += Pick("/", "/", "//") + segment;
            expression += part;
        }

        text += count == 0 ? "/" : Pick("", "", "/");
        return (Routes.Pattern(text), new Regex($@"\A{expression}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));
    }

    public string[] NextPath() => [.. Enumerable.Range(0, _random.Next(5)).Select(_ =>
        string.Concat(Enumerable.Range(0, 1 + _random.Next(4)).Select(_ => Pick("a", "b", "B", "1", "2", "-", ".", "true"))))];

    public T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    /// <summary>The values as the expression reads them, as <see cref="Routes.Describe"/> writes them; null if it does not match.</summary>
    public static string? Match(Regex expression, string[] segments)
    {
        var match = expression.Match(string.Concat(segments.Select(segment => "/" + segment)));
        return match.Success
            ? string.Join(' ', expression.GetGroupNames().Where(name => name != "0").Select(name => $"{name}={match.Groups[name].Value}"))
            : null;
    }

    private (string Text, string Expression) NextSegment(bool isLast)
    {
        switch (_random.Next(isLast ? 9 : 7))
        {
            case <= 2: return NextLiteral("/");
            case 3: return ("*", isLast ? "/.+" : "/[^/]+");
            case 4: return NextParameter("/");
            case <= 6: return NextMixture();
            case 7: return ("*", "/.+");
            default:
                var name = $"p{_parameters++}";
                return ($"{{*{name}}}", $"(?:/(?<{name}>.+))?");
        }
    }

    private (string Text, string Expression) NextLiteral(string slash)
    {
        var literal = Pick(Texts);
        // A dot alone is no segment that a path can have.
        if (slash != "" && literal == ".") literal = "a.b";
        return (Pick(literal, literal, $"%{(int)literal[0]:X2}{literal[1..]}"), slash + Regex.Escape(literal));
    }

    private (string Text, string Expression) NextParameter(string slash)
    {
        var (constraint, expression) = Pick(Constraints);
        var name = $"p{_parameters++}";
        return ($"{{{name}{constraint}}}", $"{slash}(?<{name}>{expression})");
    }

    private (string Text, string Expression) NextMixture()
    {
        var parts = new List<(string Text, string Expression)>();
        var startsLiteral = Pick(true, false);
        var count = 2 + _random.Next(4);
        for (var index = 0; index < count; index++)
            parts.Add(index % 2 == 0 == startsLiteral ? NextLiteral("") : Pick(true, true, false) ? NextParameter("") : ("*", "[^/]*"));
        return (string.Concat(parts.Select(part => part.Text)), "/" + string.Concat(parts.Select(part => part.Expression)));
    }
}
