using System.Threading.Tasks.Sources;

namespace Http.Server.Transport.Polling;

/// <summary>The sending of bytes to a socket, one call at a time, without an allocation for a call that waits.</summary>
internal sealed class PolledSend : IValueTaskSource
{
    private readonly PolledSocket _socket;
    private readonly Readiness _readiness;
    private ManualResetValueTaskSourceCore<bool> _source;
    private ReadOnlyMemory<byte> _bytes;

    public PolledSend(PolledSocket socket) => (_socket, _readiness) = (socket, new Readiness(Resume));

    /// <summary>Told what the system says of this direction.</summary>
    public Readiness Readiness => _readiness;

    public ValueTask StartAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (_socket.TrySend(_readiness, ref bytes))
                return default;
            // What has waited is continued elsewhere from the moment that it may be: all must be there before.
            _source.Reset();
            _bytes = bytes;
            while (!_readiness.TryAwait())
            {
                if (_socket.TrySend(_readiness, ref _bytes))
                {
                    _bytes = default;
                    return default;
                }
            }

            return new(this, _source.Version);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) => _source.OnCompleted(continuation, state, token, flags);

    private void Resume()
    {
        try
        {
            while (!_socket.TrySend(_readiness, ref _bytes))
            {
                if (_readiness.TryAwait())
                    return;
            }
        }
        catch (Exception exception)
        {
            _bytes = default;
            _source.SetException(exception);
            return;
        }

        _bytes = default;
        _source.SetResult(true);
    }
}
