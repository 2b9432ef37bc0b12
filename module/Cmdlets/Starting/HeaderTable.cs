using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The table of <c>-Header</c>: headers for every answer.</summary>
internal static class HeaderTable
{
    /// <summary>Headers that the server sends where they are needed.</summary>
    private static readonly string[] OwnHeaders = ["Content-Length", "Transfer-Encoding", "Connection", "Date", "Trailer",
        "Upgrade"];

    /// <summary>Each name with each of its values: a value may be an array.</summary>
    /// <exception cref="CommandFailure">A name or a value is malformed, or the name is the server's own.</exception>
    public static List<KeyValuePair<string, string>> Read(Hashtable table)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in table)
        {
            var name = entry.Key.ToString()!;
            if (name.Length == 0 || !name.All(static letter => char.IsAsciiLetterOrDigit(letter)
                || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal)))
                throw Invalid(name, $"'{name}' is no header name: a name has letters, digits and dashes.");
            if (OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw Invalid(name, $"{name} belongs to the server, which sends it where it is needed.");
            foreach (var item in entry.Value is IEnumerable items and not string ? items : new[] { entry.Value })
            {
                var value = Convert.ToString(item is PSObject wrapped ? wrapped.BaseObject : item, CultureInfo.InvariantCulture)
                    ?? "";
                if (value.Any(static letter => (char.IsControl(letter) && letter != '\t') || letter > '\u00ff'))
                    throw Invalid(name, $"the value of {name} has a character that a header cannot hold: '{value}'.");
                headers.Add(new(name, value.Trim(' ', '\t')));
            }
        }

        return headers;
    }

    private static CommandFailure Invalid(string name, string problem) =>
        new("-Header: " + problem, "HeaderInvalid", ErrorCategory.InvalidArgument, name);
}
