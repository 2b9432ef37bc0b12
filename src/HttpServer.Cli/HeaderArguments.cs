namespace Http.Server.Cli;

/// <summary>The option <c>-H NAME VALUE</c>: the one that takes two values each time it is given.</summary>
internal static class HeaderArguments
{
    /// <summary>No argument of a process can hold it.</summary>
    private const char Separator = '\0';

    private static readonly string[] Framing = ["Content-Length", "Transfer-Encoding", "Connection", "Date", "Trailer", "Upgrade"];

    /// <summary>Makes one argument of each name and value, since the parser gives an option one value each time.</summary>
    public static string[] Join(string[] args)
    {
        var joined = new List<string>(args.Length);
        for (var at = 0; at < args.Length; at++)
        {
            joined.Add(args[at]);
            if (args[at] == "--")
            {
                joined.AddRange(args[(at + 1)..]);
                break;
            }

            if (args[at] is "-H" or "--header" && at + 2 < args.Length)
            {
                joined.Add(args[at + 1] + Separator + args[at + 2]);
                at += 2;
            }
        }

        return [.. joined];
    }

    /// <summary>A text for a message: name and value apart again.</summary>
    public static string Show(string text) => text.Replace(Separator, ' ');

    public static bool TryParse(string[] values, out IReadOnlyList<KeyValuePair<string, string>> headers, out string? problem)
    {
        var found = new List<KeyValuePair<string, string>>();
        headers = found;
        problem = null;
        foreach (var value in values)
        {
            var parts = value.Split(Separator);
            if (parts[0].IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                problem = $"-H takes the name and the value apart and without a colon: -H {parts[0][..colon]} VALUE.";
            else if (parts.Length != 2)
                problem = $"-H takes a name and a value: -H {value} VALUE.";
            else if (parts[0].Length == 0 || !parts[0].All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
                problem = $"-H: '{parts[0]}' is no header name: a name has letters, digits and dashes.";
            else if (parts[1].Any(c => (char.IsControl(c) && c != '\t') || c > '\u00ff'))
                problem = $"-H: the value of {parts[0]} has a character that a header cannot hold: '{parts[1]}'.";
            else if (Framing.Contains(parts[0], StringComparer.OrdinalIgnoreCase))
                problem = $"-H: {parts[0]} belongs to the server, which sends it where it is needed.";
            else
                found.Add(KeyValuePair.Create(parts[0], parts[1].Trim(' ', '\t')));
            if (problem is not null)
                return false;
        }

        return true;
    }
}
