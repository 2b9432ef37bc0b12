using System.Text;
using Http.Server.Events;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>
/// The states of a task as events for those who follow it here. Who comes gets the newest state at once; the last one ends the
/// answers.
/// </summary>
internal sealed class TaskFeed : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HttpEventChannel _channel;
    private int _version;

    public TaskFeed(string id, TimeProvider time) => _channel = new HttpEventChannel("task " + id, new HttpEventChannelOptions
    {
        BufferSize = 1,
        // Of states those between are no loss: one that does not follow for long comes back for the newest.
        Backlog = 100,
        BeginsWithNewest = true,
        TimeProvider = time,
    });

    /// <summary>Whether nobody follows.</summary>
    public bool IsUnused => _channel.ListenerCount == 0;

    /// <summary>Has a request follow.</summary>
    public void Listen(BaseHttpRequestHandler handler) => handler.SendEvents(_channel);

    /// <summary>Tells a state to those who follow, unless they know it or a newer one.</summary>
    public void Tell(TaskRecord record)
    {
        lock (_lock)
        {
            if (record.Version <= _version)
                return;
            _version = record.Version;
            try
            {
                // Without a store this is done when it returns.
                var sending = _channel.SendAsync(Encoding.UTF8.GetString(record.Json), id: record.EventId).AsTask();
                sending.GetAwaiter().GetResult();
            }
            catch (ObjectDisposedException)
            {
                // The server has been stopped meanwhile.
                return;
            }

            if (record.HasEnded)
                _ = _channel.CompleteAsync().AsTask();
        }
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
