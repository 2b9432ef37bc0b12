using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Authentication.Rules;

/// <summary>Reads rules as people write them: <c>/in:rw</c>, a path and what may be done there and below.</summary>
internal static class RuleReader
{
    /// <summary>Whom a word names: <c>anna</c>, <c>@ops</c>, <c>@*</c> or <c>*</c>.</summary>
    /// <returns>Null if it names nobody.</returns>
    public static (RuleSubject Kind, string Name)? ReadSubject(string word) => word switch
    {
        "*" => (RuleSubject.Everybody, ""),
        "@*" => (RuleSubject.Users, ""),
        ['@', .. var group] => group.Length > 0 && !group.Contains('@', StringComparison.Ordinal)
            ? (RuleSubject.Group, group)
            : null,
        _ => word.Length > 0 ? (RuleSubject.User, word) : null,
    };

    /// <summary>Reads one rule and adds it.</summary>
    /// <param name="rules">Takes it.</param>
    /// <param name="subject">Whom it is about.</param>
    /// <param name="word">The path, percent-encoded where it has spaces, a colon, and <c>r</c>, <c>w</c> or <c>rw</c>.</param>
    /// <returns>What is wrong with it; null if nothing is.</returns>
    public static string? TryAdd(AccessRules rules, (RuleSubject Kind, string Name) subject, string word)
    {
        var colon = word.LastIndexOf(':');
        if (colon < 0 || word[(colon + 1)..] is not ("r" or "w" or "rw") || !word.StartsWith('/'))
            return $"'{word}' is no rule: a rule is a path and r, w or rw, as in /in:rw";
        var text = word[..colon];
        if (text.Contains('?', StringComparison.Ordinal) || UrlPath.TryParse(
            Encoding.UTF8.GetBytes(text), OperatingSystem.IsWindows(), out var url) != UrlPathFault.None || url!.HasEncodedSlash)
            return $"'{text}' is no path that a request could have";
        var rights = word[(colon + 1)..];
        rules.Add(url.Segments, new RuleGrant(subject.Kind, subject.Name,
            rights.Contains('r', StringComparison.Ordinal), rights.Contains('w', StringComparison.Ordinal)));
        return null;
    }

    /// <summary>Reads rules of a parameter, each <c>WHO PATH:RIGHTS...</c>.</summary>
    /// <exception cref="ArgumentException">One is wrong.</exception>
    public static AccessRules? Read(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return null;
        var rules = new AccessRules();
        foreach (var line in lines)
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is not [var who, _, ..] || ReadSubject(who) is not { } subject)
                throw new ArgumentException(
                    $"'{line}' is no rule: it names a user, @group, @* or *, and then paths with rights, "
                    + "as in 'anna /in:rw /:r'.",
                    nameof(lines));
            foreach (var word in words.AsSpan(1))
            {
                if (TryAdd(rules, subject, word) is { } problem)
                    throw new ArgumentException(problem + ".", nameof(lines));
            }
        }

        return rules;
    }
}
