using System.Globalization;
using System.Text;

namespace Http.Server.PowerShell.Routing;

/// <summary>Reads one segment of a pattern as it is written. One instance reads one segment.</summary>
internal sealed class RouteSegmentReader(string text, bool isLast)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<string> _literals = [];
    private readonly List<RoutePlaceholder> _placeholders = [];
    private readonly StringBuilder _literal = new();
    private int _at;
    private bool _isRest;
    private string? _problem;

    /// <summary>Reads the segment.</summary>
    /// <param name="segment">The segment; null if it is not right.</param>
    /// <param name="problem">What is wrong and what to write, to follow the words "The pattern ..."; null if nothing is.</param>
    public bool TryRead(out RouteSegment? segment, out string? problem)
    {
        if (text is [':', var first, ..] && IsIdentifierStart(first))
            _problem = $"has '{text}': write a parameter as '{{{text[1..]}}}', and text that starts with a colon as "
                + $"'%3A{text[1..]}'";

        while (_problem is null && _at < text.Length)
        {
            switch (text[_at])
            {
                case '%': ReadEscapes(); break;
                case '*': ReadWildcard(); break;
                case '{' or '}' when _at + 1 < text.Length && text[_at + 1] == text[_at]:
                    _literal.Append(text[_at]);
                    _at += 2;
                    break;
                case '{': ReadParameter(); break;
                case '}':
                    _problem = "has a '}' without a '{' before it: write '}}' for the brace itself";
                    break;
                default: _literal.Append(text[_at++]); break;
            }
        }

        _literals.Add(_literal.ToString());
        if (_problem is null) CheckWhole();
        problem = _problem;
        segment = problem is null ? new RouteSegment(FindKind(), [.. _literals], [.. _placeholders]) : null;
        return problem is null;
    }

    private void CheckWhole()
    {
        if (_placeholders.Count == 0 && _literals[0] is "." or "..")
            _problem = $"has the segment '{text}', which no request's path has once it is resolved: write the path without it";
        else if (_literals.Exists(static literal => literal.AsSpan().ContainsAny('/', '\0')))
            _problem = $"has a slash or a NUL as an escape in '{text}', which no literal can have: write '/' between segments, "
                + "or a parameter, whose value may have a slash";
        else if (_isRest && !isLast)
            _problem = $"goes on after '{text}', which takes all segments that are left: make it the last segment";
        else if (_isRest && (_placeholders.Count > 1 || _literals.Exists(static literal => literal.Length > 0)))
            _problem = $"has more than a parameter for all segments that are left in '{text}': make that a segment of its own";
    }

    private RouteSegmentKind FindKind()
    {
        if (_isRest) return RouteSegmentKind.Rest;
        if (_placeholders.Count == 0) return RouteSegmentKind.Literal;
        if (_literals.Exists(static literal => literal.Length > 0)) return RouteSegmentKind.Mixed;
        if (_placeholders[0].Name is null) return isLast ? RouteSegmentKind.Tail : RouteSegmentKind.Wildcard;
        return _placeholders[0].Constraint == RouteConstraint.None ? RouteSegmentKind.Parameter : RouteSegmentKind.Constrained;
    }

    /// <summary>Decodes a run of escapes at once: a character of more than one byte takes more than one escape.</summary>
    private void ReadEscapes()
    {
        var bytes = new List<byte>();
        var start = _at;
        while (_at < text.Length && text[_at] == '%')
        {
            if (_at + 3 > text.Length
                || !byte.TryParse(text.AsSpan(_at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                    out var value))
            {
                _problem = $"has a '%' in '{text}' that is not followed by two hexadecimal digits: write '%25' for the sign "
                    + "itself";
                return;
            }

            bytes.Add(value);
            _at += 3;
        }

        try
        {
            _literal.Append(StrictUtf8.GetString([.. bytes]));
        }
        catch (DecoderFallbackException)
        {
            _problem = $"has '{text[start.._at]}', which is not UTF-8: write the character itself";
        }
    }

    private void ReadWildcard()
    {
        if (AddPlaceholder(new RoutePlaceholder(null, RouteConstraint.None))) _at++;
    }

    private void ReadParameter()
    {
        var close = text.IndexOf('}', _at);
        if (close < 0)
        {
            _problem = $"has a '{{' that is not closed in '{text}': write '{{name}}' for a parameter, '{{{{' for the brace "
                + "itself";
            return;
        }

        var whole = text[_at..(close + 1)];
        var inner = whole[1..^1];
        var isRest = inner.StartsWith('*');
        if (isRest) inner = inner[1..];
        var colon = inner.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? inner : inner[..colon];
        var constraint = RouteConstraint.None;
        if (name.Length == 0)
            _problem = $"has the parameter '{whole}' without a name: write {(isRest ? "'{*rest}'" : "'{name}'")}";
        else if (!IsIdentifier(name))
            _problem = $"has the parameter '{whole}': a name is letters, digits and '_' and does not start with a digit, such "
                + $"as '{{id}}'";
        else if (colon >= 0 && isRest)
            _problem = $"has the parameter '{whole}', but what takes all segments that are left has no constraint: write "
                + $"'{{*{name}}}'";
        else if (colon >= 0 && !RouteConstraints.TryParse(inner[(colon + 1)..], out constraint))
            _problem = $"has the parameter '{whole}' with a constraint that does not exist: write one of "
                + $"{RouteConstraints.Names}";
        else if (AddPlaceholder(new RoutePlaceholder(name, constraint)))
            _at = close + 1;
        _isRest |= isRest;
    }

    private bool AddPlaceholder(RoutePlaceholder placeholder)
    {
        if (_placeholders.Count > 0 && _literal.Length == 0)
        {
            _problem = $"has two parameters or wildcards side by side in '{text}', "
                + "so nothing says where one ends: write text between them, or one '*' alone";
            return false;
        }

        _literals.Add(_literal.ToString());
        _literal.Clear();
        _placeholders.Add(placeholder);
        return true;
    }

    private static bool IsIdentifier(string name) =>
        IsIdentifierStart(name[0]) && name.All(static letter => char.IsLetterOrDigit(letter) || letter == '_');

    private static bool IsIdentifierStart(char letter) => char.IsLetter(letter) || letter == '_';
}
