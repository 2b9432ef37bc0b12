namespace Http.Server.StaticFiles;

/// <summary>
/// The headers of a request that its answer depends on (RFC 9110, section 12.5.5): each once, in one field at the end of the
/// head.
/// </summary>
internal sealed class VaryField
{
    private (string One, string Other, string Both) _last = ("", "", "");

    /// <summary>The field's value; empty if the answer depends on no header.</summary>
    public string Value { get; private set; } = "";

    /// <summary>Begins the next request.</summary>
    public void Reset() => Value = "";

    /// <summary>Adds a header, unless it is there.</summary>
    public void Add(string header)
    {
        if (Value.Length == 0)
        {
            Value = header;
            return;
        }

        foreach (var known in Value.AsSpan().Split(", "))
        {
            if (Value.AsSpan(known).SequenceEqual(header))
                return;
        }

        // The answer to the next request mostly depends on the same headers, so the text is kept.
        if (!ReferenceEquals(_last.One, Value) || !ReferenceEquals(_last.Other, header))
            _last = (Value, header, $"{Value}, {header}");
        Value = _last.Both;
    }
}
