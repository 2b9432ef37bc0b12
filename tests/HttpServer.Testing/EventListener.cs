using System.Globalization;
using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>Reads server-sent events as they come; their framing, if it is chunked, is taken off.</summary>
internal sealed class EventListener : IDisposable
{
    private readonly RawClient _client;
    private readonly bool _isChunked;
    private readonly StringBuilder _text = new();

    private EventListener(RawClient client, bool isChunked)
    {
        _client = client;
        _isChunked = isChunked;
    }

    /// <summary>What the first event said.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Reads the head.</summary>
    public static async Task<EventListener> OpenAsync(RawClient client)
    {
        var head = await client.ReadThroughAsync("\r\n\r\n");
        Assert.Contains(" 200 OK\r\n", head, StringComparison.Ordinal);
        return new EventListener(client, head.Contains("chunked", StringComparison.Ordinal));
    }

    /// <summary>Reads the head, and the first event, which tells a version.</summary>
    public static async Task<EventListener> BeginAsync(RawClient client)
    {
        var listener = await OpenAsync(client);
        var first = await listener.ReadEventAsync();
        Assert.Equal("version", first.Name);
        listener.Version = first.Data;
        return listener;
    }

    /// <summary>The next event.</summary>
    public async Task<(string Name, string Data)> ReadEventAsync()
    {
        while (true)
        {
            var lines = (await ReadAsync()).Split('\n');
            if (lines.FirstOrDefault(line => line.StartsWith("event: ", StringComparison.Ordinal)) is { } name)
                return (name["event: ".Length..], lines.Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]);
        }
    }

    /// <summary>The next event or comment, as text.</summary>
    public async Task<string> ReadAsync()
    {
        if (!_isChunked)
            return await _client.ReadThroughAsync("\n\n");
        var all = _text.ToString();
        int at;
        while ((at = all.IndexOf("\n\n", StringComparison.Ordinal)) < 0)
        {
            var size = int.Parse((await _client.ReadThroughAsync("\r\n"))[..^2], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.NotEqual(0, size);
            all += await ReadChunkAsync(size);
        }

        _text.Clear().Append(all[(at + 2)..]);
        return all[..(at + 2)];
    }

    /// <summary>What comes until the end of the events, which is an orderly one.</summary>
    public async Task<string> ReadToEndAsync()
    {
        Assert.True(_isChunked);
        var rest = Encoding.Latin1.GetString(await _client.ReadToEndAsync());
        Assert.EndsWith("0\r\n\r\n", rest, StringComparison.Ordinal);
        return _text + rest[..^5];
    }

    public void Dispose() => _client.Dispose();

    private async Task<string> ReadChunkAsync(int size)
    {
        // A chunk ends in CRLF, which no event has.
        var text = await _client.ReadThroughAsync("\r\n");
        Assert.Equal(size + 2, text.Length);
        return text[..^2];
    }
}
