using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>Messages of a subscription that have come, and the waiting for them.</summary>
internal sealed class Received
{
    private readonly Lock _lock = new();
    private readonly List<string> _texts = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_lock)
                return [.. _texts];
        }
    }

    public ValueTask TakeAsync(ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            _texts.Add(Encoding.UTF8.GetString(message.Span));
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return default;
    }

    public Task WaitForAsync(int count) => WaitAsync(texts => texts.Count >= count);

    public Task WaitForTextAsync(string text) => WaitAsync(texts => texts.Contains(text));

    private async Task WaitAsync(Func<List<string>, bool> isReached)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (isReached(_texts))
                    return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
