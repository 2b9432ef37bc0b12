using System.Globalization;
using System.Text;

namespace Http.Server.Pages;

/// <summary>The HTML of error answers.</summary>
internal static class ErrorPage
{
    /// <summary>An error page loads nothing, runs nothing and cannot be framed.</summary>
    public const string SecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public const string DefaultFormat =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <title>%(code)d %(message)s</title>
        <style>
        body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}
        h1{font-size:1.5rem}
        </style>
        </head>
        <body>
        <h1>%(code)d %(message)s</h1>
        <p>%(explain)s</p>
        </body>
        </html>

        """;

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

    private static bool Take(ref ReadOnlySpan<char> text, string expected)
    {
        if (!text.StartsWith(expected))
            return false;
        text = text[expected.Length..];
        return true;
    }
}
