using System.Threading.Tasks.Sources;

namespace Http.Server.Transport.Polling;

/// <summary>The receiving of bytes from a socket, one call at a time, without an allocation for a call that waits.</summary>
internal sealed class PolledReceive : IValueTaskSource<int>
{
    private readonly PolledSocket _socket;
    private readonly Readiness _readiness;
    private ManualResetValueTaskSourceCore<int> _source;
    private Memory<byte> _buffer;
    private int _waitResult;

    public PolledReceive(PolledSocket socket) => (_socket, _readiness) = (socket, new Readiness(Resume));

    /// <summary>Told what the system says of this direction.</summary>
    public Readiness Readiness => _readiness;

    public ValueTask<int> StartAsync(Memory<byte> buffer)
    {
        try
        {
            if (_socket.TryReceive(_readiness, buffer.Span, out var count))
                return new(count);
            // What has waited is continued elsewhere from the moment that it may be: all must be there before.
            _source.Reset();
            _buffer = buffer;
            while (!_readiness.TryAwait())
            {
                if (_socket.TryReceive(_readiness, buffer.Span, out count))
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

    /// <summary>Waits until there may be bytes, without a place for them. Not before a call that has found none.</summary>
    /// <returns><paramref name="result"/>.</returns>
    public ValueTask<int> WaitAsync(int result = -1)
    {
        _source.Reset();
        _waitResult = result;
        return _readiness.TryAwait() ? new(this, _source.Version) : new(result);
    }

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) => _source.OnCompleted(continuation, state, token, flags);

    private void Resume()
    {
        if (_buffer.IsEmpty)
        {
            _source.SetResult(_waitResult);
            return;
        }

        int count;
        try
        {
            while (!_socket.TryReceive(_readiness, _buffer.Span, out count))
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
