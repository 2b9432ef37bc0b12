using Http.Server.Protocol;

namespace Http.Server.Headers;

/// <summary>
/// Goes through the parameters of a header value, <c>; name=value; name="value"</c> (RFC 9110, section 5.6.6). More than tokens
/// may stand without quotes, as some clients put boundaries: all but white space, semicolons and quotes.
/// </summary>
/// <param name="text">What follows the type: nothing, or a semicolon first.</param>
/// <param name="hasEscapes">A backslash before a quote or a backslash is an escape; before anything else it is itself.</param>
internal ref struct HeaderParameters(ReadOnlySpan<char> text, bool hasEscapes = true)
{
    private const string WhiteSpace = " \t";

    private ReadOnlySpan<char> _rest = text;
    private ReadOnlySpan<char> _name;
    private ReadOnlySpan<char> _value;

    /// <summary>The text breaks the grammar: nothing in it is to be believed.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The value stands in quotes.</summary>
    public bool IsQuoted { get; private set; }

    /// <summary>The parameter's name as it is written.</summary>
    public readonly ReadOnlySpan<char> Name => _name;

    /// <summary>Whether this is the parameter of a name; case does not matter.</summary>
    public readonly bool Is(string name) => _name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The value without quotes and backslash escapes.</summary>
    public readonly string ToText()
    {
        if (!IsQuoted || !hasEscapes || !_value.Contains('\\'))
            return _value.ToString();
        var text = new System.Text.StringBuilder(_value.Length);
        for (var at = 0; at < _value.Length; at++)
        {
            if (IsEscape(_value[at..]))
                at++;
            text.Append(_value[at]);
        }

        return text.ToString();
    }

    /// <summary>Goes to the next parameter.</summary>
    /// <returns>False at the end, or where the text breaks the grammar.</returns>
    public bool MoveNext()
    {
        var rest = _rest.TrimStart(WhiteSpace);
        if (rest is [not ';', ..])
            return Malformed();
        // Parameters may be empty.
        rest = rest.TrimStart("; \t");
        if (rest.IsEmpty)
            return false;
        var equals = rest.IndexOf('=');
        if (equals < 0 || !HttpGrammar.IsToken(rest[..equals]))
            return Malformed();
        _name = rest[..equals];
        rest = rest[(equals + 1)..];
        IsQuoted = rest is ['"', ..];
        if (IsQuoted)
            rest = rest[1..];
        var length = IsQuoted ? FindQuote(rest) : rest.IndexOfAny("; \t\"");
        if (length < 0 && !IsQuoted)
            length = rest.Length;
        if (length < 0 || (length == 0 && !IsQuoted))
            return Malformed();
        _value = rest[..length];
        _rest = IsQuoted ? rest[(length + 1)..] : rest[length..];
        return true;
    }

    private static bool IsEscape(ReadOnlySpan<char> text) => text is ['\\', '"' or '\\', ..];

    private bool Malformed()
    {
        IsMalformed = true;
        _rest = default;
        return false;
    }

    private readonly int FindQuote(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '"')
                return at;
            if (hasEscapes && IsEscape(text[at..]))
                at++;
        }

        return -1;
    }
}
