using System.Text;

namespace Http.Server.Events;

/// <summary>Events as text (WHATWG HTML, section 9.2), and as messages between processes.</summary>
internal static class EventText
{
    /// <summary>Longest id: it comes back in a header of the next request.</summary>
    private const int MaxIdLength = 200;

    private static readonly char[] LineEnds = ['\r', '\n'];

    /// <summary>Writes an event.</summary>
    /// <exception cref="ArgumentException">The name or the id cannot be sent.</exception>
    public static byte[] Write(string data, string? name, string id)
    {
        if (name is not null && (name.Length == 0 || name.AsSpan().IndexOfAny("\r\n\0") >= 0))
            throw new ArgumentException("The name of an event is not empty, and has no line end and no NUL.", nameof(name));
        if (id.Length is 0 or > MaxIdLength || id.Any(static letter => letter is <= ' ' or > '~'))
            throw new ArgumentException($"The id of an event has 1 to {MaxIdLength} letters, digits or symbols of ASCII and no "
                + $"space: a browser sends it back in a header. '{id}' is none.", nameof(id));
        var text = new StringBuilder(data.Length + id.Length + 32);
        text.Append("id: ").Append(id).Append('\n');
        if (name is not null)
            text.Append("event: ").Append(name).Append('\n');
        var rest = data.AsSpan();
        while (true)
        {
            var end = rest.IndexOfAny(LineEnds);
            text.Append("data: ").Append(end < 0 ? rest : rest[..end]).Append('\n');
            if (end < 0)
                break;
            rest = rest[(end + (rest[end..].StartsWith("\r\n") ? 2 : 1))..];
        }

        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    /// <summary>Finds the id of an event that another process has written; null if it is none.</summary>
    public static string? FindId(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        return end > 4 && text.StartsWith("id: "u8) && text.EndsWith("\n\n"u8) ? Encoding.ASCII.GetString(text[4..end]) : null;
    }
}
