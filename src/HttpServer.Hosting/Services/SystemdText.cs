using System.Globalization;
using System.Text;

namespace Http.Server.Hosting.Services;

/// <summary>Texts as units of systemd take them (systemd.syntax(7), systemd.unit(5)).</summary>
internal static class SystemdText
{
    /// <summary>An argument of a command: neither a variable nor a specifier of systemd is seen in it.</summary>
    public static string Argument(string text) => Quote(text.Replace("$", "$$", StringComparison.Ordinal));

    /// <summary>The program of a command, where variables are not looked for.</summary>
    public static string Program(string path) => Quote(path);

    /// <summary>A path in a list of paths.</summary>
    public static string Path(string path) => Quote(path);

    /// <summary>A path in a list where a colon separates a source from its destination.</summary>
    public static string BoundPath(string path) => Quote(path, escapesColons: true);

    /// <summary>A value that is taken as it stands, but for specifiers.</summary>
    public static string Value(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>A text for people, in one line.</summary>
    public static string Description(string text) => Value(VisibleText.Of(text));

    private static string Quote(string text, bool escapesColons = false)
    {
        var quoted = new StringBuilder("\"");
        var isPlain = text.Length > 0;
        foreach (var letter in text)
        {
            isPlain &= char.IsAsciiLetterOrDigit(letter) || "/._-=,+@$".Contains(letter, StringComparison.Ordinal)
                || (letter == ':' && !escapesColons);
            _ = letter switch
            {
                '\\' or '"' => quoted.Append('\\').Append(letter),
                ':' when escapesColons => quoted.Append("\\:"),
                '%' => quoted.Append("%%"),
                < ' ' or '\x7f' => quoted.Append("\\x").Append(((int)letter).ToString("x2", CultureInfo.InvariantCulture)),
                _ => quoted.Append(letter),
            };
        }

        return isPlain ? text : quoted.Append('"').ToString();
    }
}
