using System.Text;

namespace Http.Server.Redis.Tests.Support;

/// <summary>Messages of a subscription that have come.</summary>
internal sealed class Received
{
    private readonly List<string> _texts = [];

    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_texts)
                return [.. _texts];
        }
    }

    public ValueTask TakeAsync(ReadOnlyMemory<byte> message)
    {
        lock (_texts)
            _texts.Add(Encoding.UTF8.GetString(message.Span));
        return default;
    }
}
