using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// The headers of <c>$Response</c>: a table that refuses what no header can hold when it is set, so that the error is at the
/// script's line.
/// </summary>
internal sealed class ResponseHeaders() : Hashtable(StringComparer.OrdinalIgnoreCase)
{
    // Here the server encodes text by itself.
    private static readonly string[] Encoded = ["Location", "Content-Location", "Content-Disposition"];

    public override object? this[object key]
    {
        get => base[key];
        set => base[Check(key, value)] = value;
    }

    public override void Add(object key, object? value) => base.Add(Check(key, value), value);

    /// <summary>Whether text can be sent in a header, or as a reason phrase.</summary>
    public static bool IsLatin1(string text) => !text.AsSpan().ContainsAnyInRange('\u0100', '\uffff');

    /// <summary>Refuses text that the header cannot hold.</summary>
    public static void CheckText(string name, string text)
    {
        if (text.Any(static letter => letter is '\x7f' or (< ' ' and not '\t')))
            throw new ArgumentException(
                $"The header {name} cannot have a control character: leave out line breaks and the like.");
        if (!IsLatin1(text) && !Encoded.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new ArgumentException(
                $"The header {name} cannot have characters beyond Latin-1: percent-encode them with [uri]::EscapeDataString().");
    }

    private static string Check(object key, object? value)
    {
        var name = (key is PSObject wrapped ? wrapped.BaseObject : key) as string
            ?? throw new ArgumentException($"The name of a header is text, not {key}.");
        if (name.Length == 0 || name.Any(static letter => !char.IsAsciiLetterOrDigit(letter)
            && !"!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal)))
            throw new ArgumentException(
                $"The header name '{name}' has a character that it cannot have: use letters, digits and hyphens.");
        value = value is PSObject inner ? inner.BaseObject : value;
        if (value is string text)
        {
            CheckText(name, text);
        }
        else if (value is IEnumerable several)
        {
            foreach (var item in several)
                CheckText(name, item?.ToString() ?? "");
        }

        return name;
    }
}
