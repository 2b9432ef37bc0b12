using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>An answer as it came over the wire; <see cref="Body"/> is without chunk framing.</summary>
internal sealed record RawResponse(string StatusLine, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public int Status => int.Parse(StatusLine.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The value of the one header of this name; null if there is none, an exception if there are several.</summary>
    public string? this[string name] => Headers.SingleOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
