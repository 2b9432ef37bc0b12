using System.Threading.Tasks.Sources;

namespace Http.Server.Transport.Polling;

/// <summary>The receiving of bytes from a socket, one call at a time, without an allocation for a call that waits.</summary>
internal sealed class PolledReceive(PolledSocket socket) : IValueTaskSource<int>, IThreadPoolWorkItem
{
    private readonly Readiness _readiness = new();
    private ManualResetValueTaskSourceCore<int> _source;
    private Memory<byte> _buffer;

    public ValueTask<int> StartAsync(Memory<byte> buffer)
    {
        try
        {
            if (socket.TryReceive(_readiness, buffer.Span, out var count))
                return new(count);
            // What has waited is continued elsewhere from the moment that it may be: all must be there before.
            _source.Reset();
            _buffer = buffer;
            while (!_readiness.TryAwait())
            {
                if (socket.TryReceive(_readiness, buffer.Span, out count))
                {
                    _buffer = default;
                    return new(count);
                }
            }

            return new(this, _source.Version);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<int>(exception);
        }
    }

    /// <summary>The socket may have bytes: continues what has waited for them here and now.</summary>
    public void Continue()
    {
        if (_readiness.Signal())
            Resume();
    }

    /// <summary>The socket has been stopped: continues what has waited elsewhere, for the caller may hold locks.</summary>
    public void Interrupt()
    {
        if (_readiness.Signal())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => Resume();

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) => _source.OnCompleted(continuation, state, token, flags);

    private void Resume()
    {
        int count;
        try
        {
            while (!socket.TryReceive(_readiness, _buffer.Span, out count))
            {
                if (_readiness.TryAwait())
                    return;
            }
        }
        catch (Exception exception)
        {
            _buffer = default;
            _source.SetException(exception);
            return;
        }

        _buffer = default;
        _source.SetResult(count);
    }
}
