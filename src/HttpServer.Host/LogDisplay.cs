using System.Text;
using System.Threading.Channels;
using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>
/// Shows at standard error what the servers log, as <c>Start-HttpServer -Wait</c> does. Requests do not wait for a slow reader.
/// </summary>
internal sealed class LogDisplay : IDisposable
{
    /// <summary>Most lines that wait for a slow reader. More push out the oldest, as in the log in memory.</summary>
    private const int Capacity = 10_000;

    /// <summary>Most lines that are written in one call.</summary>
    private const int BatchSize = 256;

    private readonly Channel<HttpServerLogEntry> _entries = Channel.CreateBounded<HttpServerLogEntry>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly Thread _writer;

    public LogDisplay()
    {
        // A thread of its own, since a write to a pipe blocks for as long as its reader does not read.
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "Log" };
        _writer.Start();
        HttpServerHosting.EntryLogged += Take;
    }

    /// <summary>Writes what waits, if there is a reader.</summary>
    public void Dispose()
    {
        HttpServerHosting.EntryLogged -= Take;
        _entries.Writer.TryComplete();
        _writer.Join(Stopping.Patience);
    }

    private void Take(object? sender, HttpServerLogEntry entry)
    {
        if (entry.Level >= LogLevel.Information)
            _entries.Writer.TryWrite(entry);
    }

    private void WriteAll()
    {
        var lines = new StringBuilder();
        while (_entries.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            for (var count = 0; count < BatchSize && _entries.Reader.TryRead(out var entry); count++)
                lines.Append(lines.Length > 0 ? Environment.NewLine : "").Append(entry);
            Streams.Report(lines.ToString());
            lines.Clear();
        }
    }
}
