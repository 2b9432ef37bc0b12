using System.Globalization;
using System.Text;

namespace Http.Server.Pages;

/// <summary>The HTML of error answers.</summary>
internal static class ErrorPage
{
    private static readonly PageAsset Style = new("error.css");

    public static string DefaultFormat { get; } =
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <title>%(code)d %(message)s</title>
        <style>{Encoding.UTF8.GetString(Style.Content.Span)}</style>
        </head>
        <body>
        <h1>%(code)d %(message)s</h1>
        <p>%(explain)s</p>
        </body>
        </html>

        """;

    private static readonly string DefaultPolicy = PolicyWith(Style.HashSource);
    private static readonly string OtherPolicy = PolicyWith("'unsafe-inline'");

    /// <summary>
    /// What a page may do: it loads nothing, runs nothing and cannot be framed. The hash of its style is known of the default
    /// format; another one may have styles of its own in it.
    /// </summary>
    /// <param name="format">The page's format.</param>
    public static string SecurityPolicyOf(string format) => ReferenceEquals(format, DefaultFormat) ? DefaultPolicy : OtherPolicy;

    /// <summary>Fills in a format in the manner of Python's <c>format % {...}</c>; unknown names stay as they are.</summary>
    public static string Render(string format, int code, string message, string explain)
    {
        var page = new StringBuilder(format.Length + message.Length + explain.Length);
        var rest = format.AsSpan();
        for (var at = rest.IndexOf('%'); at >= 0; at = rest.IndexOf('%'))
        {
            page.Append(rest[..at]);
            rest = rest[at..];
            if (Take(ref rest, "%(code)d") || Take(ref rest, "%(code)s"))
            {
                page.Append(CultureInfo.InvariantCulture, $"{code}");
            }
            else if (Take(ref rest, "%(message)s"))
            {
                HtmlText.Encode(message, page);
            }
            else if (Take(ref rest, "%(explain)s"))
            {
                HtmlText.Encode(explain, page);
            }
            else
            {
                if (!Take(ref rest, "%%"))
                    rest = rest[1..];
                page.Append('%');
            }
        }

        return page.Append(rest).ToString();
    }

    private static string PolicyWith(string style) =>
        $"default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static bool Take(ref ReadOnlySpan<char> text, string expected)
    {
        if (!text.StartsWith(expected))
            return false;
        text = text[expected.Length..];
        return true;
    }
}
