using System.Collections.Concurrent;
using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>A log that tests can look into, and wait for.</summary>
internal sealed class RecordingLog : IHttpLog
{
    private readonly SemaphoreSlim _changed = new(0);

    public ConcurrentQueue<(string Line, int Status, long Bytes, string Client)> Requests { get; } = new();

    public ConcurrentQueue<(LogLevel Level, string? Client, string Text)> Messages { get; } = new();

    public IEnumerable<string> Errors => Messages.Where(message => message.Level == LogLevel.Error).Select(message => message.Text);

    public void Request(in RequestRecord record)
    {
        Requests.Enqueue((Encoding.Latin1.GetString(record.RequestLine), record.Status, record.BodyBytes, record.Client));
        _changed.Release();
    }

    public void Message(LogLevel level, string? client, string message)
    {
        Messages.Enqueue((level, client, message));
        _changed.Release();
    }

    /// <summary>Waits until the log has what the test looks for; a request is logged after its answer has been sent.</summary>
    public async Task WaitForAsync(Func<RecordingLog, bool> isThere)
    {
        while (!isThere(this))
            Assert.True(await _changed.WaitAsync(TimeSpan.FromSeconds(30)), "The log never had what was waited for.");
    }
}
