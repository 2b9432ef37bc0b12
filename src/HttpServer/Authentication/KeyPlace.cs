using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Authentication;

/// <summary>A key in a field, in the query or in a cookie: looked for in this order.</summary>
internal sealed class KeyPlace : ICredentialPlace
{
    private readonly byte[]? _header;
    private readonly byte[]? _query;
    private readonly byte[]? _cookie;

    /// <exception cref="ArgumentException">A name is no token, or there is none.</exception>
    public KeyPlace(string? header, string? query, string? cookie)
    {
        if (header is null && query is null && cookie is null)
            throw new ArgumentException("A key has no place: name a field, a name of the query, or a cookie.", nameof(header));
        foreach (var name in new[] { header, query, cookie })
        {
            if (name is not null && !HttpGrammar.IsToken(name))
                throw new ArgumentException($"'{name}' names no place of a key: a name has letters, digits and dashes.",
                    nameof(header));
        }

        _header = header is null ? null : Encoding.ASCII.GetBytes(header.ToLowerInvariant());
        _query = query is null ? null : Encoding.ASCII.GetBytes(query);
        _cookie = cookie is null ? null : Encoding.ASCII.GetBytes(cookie);
    }

    /// <inheritdoc/>
    public string? Find(SchemeRequest request)
    {
        if (_header is not null && request.FindField(_header) is { IsEmpty: false } value)
            return Encoding.Latin1.GetString(value);
        return (_query is null ? null : FindInQuery(request)) ?? (_cookie is null ? null : FindInCookies(request));
    }

    private string? FindInQuery(SchemeRequest request)
    {
        var target = request.Connection.Input.Head.PathAndQuery.Of(request.Connection.Input.HeadBytes);
        var mark = target.IndexOf((byte)'?');
        string? found = null;
        foreach (var range in target[(mark < 0 ? target.Length : mark + 1)..].Split((byte)'&'))
        {
            var pair = target[(mark + 1)..][range];
            var equals = pair.IndexOf((byte)'=');
            if (equals < 0 || !pair[..equals].SequenceEqual(_query))
                continue;
            // A second one makes it unclear which one others have looked at.
            if (found is not null)
                return "";
            found = Uri.UnescapeDataString(Encoding.Latin1.GetString(pair[(equals + 1)..]).Replace('+', ' '));
        }

        return found;
    }

    private string? FindInCookies(SchemeRequest request)
    {
        var field = request.FindField("cookie"u8);
        string? found = null;
        foreach (var range in field.Split((byte)';'))
        {
            var pair = field[range].Trim((byte)' ');
            var equals = pair.IndexOf((byte)'=');
            if (equals < 0 || !pair[..equals].SequenceEqual(_cookie))
                continue;
            if (found is not null)
                return "";
            found = Encoding.Latin1.GetString(pair[(equals + 1)..].Trim((byte)'"'));
        }

        return found;
    }
}
