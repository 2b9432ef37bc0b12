using System.Globalization;
using System.Text;

namespace Http.Server.Events;

/// <summary>
/// An event as it is sent, and the way to the next one. Its bytes are made once, as a chunk of HTTP/1.1, and all listeners send
/// them. What no listener has still to send, and the channel does not keep, nobody holds.
/// </summary>
internal sealed class ChannelEvent
{
    private volatile ChannelEvent? _next;

    private ChannelEvent(string? id, ReadOnlyMemory<byte> chunk, int start, int length) =>
        (Id, Chunk, Start, Length) = (id, chunk, start, length);

    /// <summary>Null for what is no event: the begin of a channel, a heartbeat.</summary>
    public string? Id { get; }

    /// <summary>The event with the frame of a chunk.</summary>
    public ReadOnlyMemory<byte> Chunk { get; }

    /// <summary>Where in the chunk the event itself begins.</summary>
    public int Start { get; }

    /// <summary>The length of the event itself.</summary>
    public int Length { get; }

    /// <summary>Counts the events of the channel up to this one.</summary>
    public long Number { get; private set; }

    /// <summary>Counts the bytes of the channel up to and with this one.</summary>
    public long Position { get; private set; }

    /// <summary>What was sent after it; null if nothing was yet.</summary>
    public ChannelEvent? Next => _next;

    /// <summary>What stands before a channel's first event.</summary>
    public static ChannelEvent Begin() => new(null, default, 0, 0);

    /// <summary>Makes an event of its bytes, or with no id a comment.</summary>
    public static ChannelEvent Of(string? id, ReadOnlySpan<byte> text)
    {
        var head = Encoding.ASCII.GetBytes(text.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        var chunk = new byte[head.Length + text.Length + 2];
        head.CopyTo(chunk, 0);
        text.CopyTo(chunk.AsSpan(head.Length));
        "\r\n"u8.CopyTo(chunk.AsSpan(head.Length + text.Length));
        return new ChannelEvent(id, chunk, head.Length, text.Length);
    }

    /// <summary>Puts an event behind this one, which is the last.</summary>
    public void Follow(ChannelEvent next)
    {
        next.Number = Number + (next.Id is null ? 0 : 1);
        next.Position = Position + next.Chunk.Length;
        _next = next;
    }
}
