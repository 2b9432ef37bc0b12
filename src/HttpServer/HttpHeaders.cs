using System.Collections;

namespace Http.Server;

/// <summary>
/// The header fields of a request in the order they came; names are compared without regard to case, as in Python's
/// <c>http.client.HTTPMessage</c>. A handler may bring a kind of its own: <see cref="BaseHttpRequestHandler.CreateHeaders"/>.
/// </summary>
public class HttpHeaders : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _fields = [];

    /// <summary>Number of fields, repeated ones counted each.</summary>
    public int Count => _fields.Count;

    /// <summary>The field names in order, repeated ones each time.</summary>
    public IEnumerable<string> Names => _fields.Select(entry => entry.Key);

    /// <summary>The value of the first field of this name, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var field in _fields)
            {
                if (field.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return field.Value;
            }

            return null;
        }
    }

    /// <summary>Takes one field of the request in; called once for each, in order.</summary>
    /// <param name="name">The name as sent.</param>
    /// <param name="value">The value without the white space around it; bytes beyond ASCII are read as Latin-1, like Python
    /// does.</param>
    public virtual void Add(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        _fields.Add(new(name, value));
    }

    /// <summary>The value of the first field of this name, or <paramref name="fallback"/>.</summary>
    public string? Get(string name, string? fallback = null) => this[name] ?? fallback;

    /// <summary>All values of the fields of this name in order; empty if there is none.</summary>
    public IReadOnlyList<string> GetAll(string name) =>
        [.. _fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];

    /// <summary>Whether there is a field of this name.</summary>
    public bool Contains(string name) => this[name] is not null;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The fields as they would stand in a message, one a line.</summary>
    public override string ToString() => string.Concat(_fields.Select(field => $"{field.Key}: {field.Value}\n"));
}
