using System.Buffers;
using System.Globalization;
using System.Text;

namespace Http.Server.Pages;

/// <summary>
/// Makes text safe as HTML text and as a quoted attribute value: the five characters that Python's <c>html.escape</c> replaces
/// become references. Control characters, which HTML does not allow, are shown: C0 but tab and line feed, and DEL, as their
/// control pictures; C1 and lone surrogates, which have no picture, as U+FFFD.
/// </summary>
internal static class HtmlText
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(0, 0x7F).Select(c => (char)c).Where(c => Replacement(c) is null)]);

    /// <summary>Returns <paramref name="text"/> encoded, or the same instance when there is nothing to encode.</summary>
    public static string Encode(string text)
    {
        if (IndexOfReplaced(text) < 0) return text;
        var to = new StringBuilder(text.Length + 32);
        Encode(text, to);
        return to.ToString();
    }

    /// <summary>Appends <paramref name="text"/> encoded.</summary>
    public static void Encode(ReadOnlySpan<char> text, StringBuilder to)
    {
        int at;
        while ((at = IndexOfReplaced(text)) >= 0)
        {
            to.Append(text[..at]).Append(Replacement(text[at]) ?? "\uFFFD");
            text = text[(at + 1)..];
        }

        to.Append(text);
    }

    private static int IndexOfReplaced(ReadOnlySpan<char> text)
    {
        for (var at = 0; ;)
        {
            var run = text[at..].IndexOfAnyExcept(Plain);
            if (run < 0) return -1;
            at += run;
            var status = Rune.DecodeFromUtf16(text[at..], out _, out var taken);
            if (status != OperationStatus.Done || Replacement(text[at]) is not null) return at;
            at += taken;
        }
    }

    /// <summary>What stands for a character; null when it may stay. A surrogate may, as this cannot see its partner.</summary>
    private static string? Replacement(char c) => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#x27;",
        '\t' or '\n' => null,
        < ' ' => ((char)('\u2400' + c)).ToString(CultureInfo.InvariantCulture),
        '\x7F' => "\u2421",
        >= '\x80' and <= '\x9F' => "\uFFFD",
        _ => null,
    };
}
