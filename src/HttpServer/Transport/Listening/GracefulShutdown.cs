namespace Http.Server.Transport.Listening;

/// <summary>
/// The end of a server in steps: it serves on for its drain time, stops accepting, lets requests end within a grace, and breaks
/// off those that have not.
/// </summary>
/// <param name="options">The drain time, and the clock.</param>
/// <param name="acceptor">Takes connections until it is closed.</param>
/// <param name="connections">The connections that are open.</param>
/// <param name="stopWaiting">Cancelled when connections need not wait for their place any more.</param>
internal sealed class GracefulShutdown(
    HttpServerOptions options, Acceptor acceptor, OpenConnections connections, CancellationTokenSource stopWaiting)
{
    /// <summary>The time for handlers that do not notice that their connection is broken.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(0.2);

    /// <summary>The time for the first request of a connection that came at the very end of a drain.</summary>
    private static readonly TimeSpan FreshTime = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private bool _isServing;
    private volatile bool _isStopping;
    private volatile bool _isDraining;

    /// <summary>The server takes no more connections.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>The server has been told to end.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Lets the server serve, once.</summary>
    /// <param name="begin">Called before the server can be ended by another thread.</param>
    /// <exception cref="InvalidOperationException">It serves already, or has ended.</exception>
    public void BeginServing(Action begin)
    {
        lock (_lock)
        {
            if (_isServing)
                throw new InvalidOperationException("ServeForeverAsync has been called before: a server serves once.");
            if (_isStopping)
                throw new InvalidOperationException("The server has been shut down: make a new one.");
            _isServing = true;
            begin();
        }
    }

    /// <summary>Ends the server. A further call ends the drain, and shortens the grace if its own is shorter.</summary>
    /// <param name="grace">Time for running requests.</param>
    /// <param name="drains">Whether the server serves on for its drain time.</param>
    public async Task EndAsync(TimeSpan grace, bool drains)
    {
        bool isFirstCall;
        lock (_lock)
        {
            isFirstCall = !_isDraining;
            _isDraining = true;
        }

        if (isFirstCall && drains && _isServing && options.DrainTime > TimeSpan.Zero)
        {
            options.Log.Message(LogLevel.Information, null,
                $"Draining: requests are answered for another {options.DrainTime.TotalSeconds:0.###} s.");
            await Task.WhenAny(_drained.Task, Task.Delay(options.DrainTime, options.TimeProvider)).ConfigureAwait(false);
        }

        _drained.TrySetResult();
        lock (_lock)
        {
            if (!_isStopping)
            {
                _isStopping = true;
                acceptor.Close();
            }
        }

        EndWaiting();
        if (isFirstCall && drains && options.DrainTime > TimeSpan.Zero)
        {
            // A drain is to lose nothing: connections that were accepted before the port was free may bring their request. One
            // may have been taken from an inherited socket just now, and is known when its acceptor has ended.
            await Task.WhenAny(acceptor.Ended, Task.Delay(LastWait)).ConfigureAwait(false);
            connections.Close(sparesFresh: true);
            await Task.WhenAny(connections.AllEnded, Task.Delay(FreshTime, options.TimeProvider)).ConfigureAwait(false);
        }

        connections.Close();
        if (grace > TimeSpan.Zero)
            await Task.WhenAny(connections.AllEnded, Task.Delay(grace, options.TimeProvider)).ConfigureAwait(false);
        connections.Abort();

        // A handler that ignores its broken connection is not waited for any longer, so that the server can end.
        await Task.WhenAny(connections.AllEnded, Task.Delay(LastWait)).ConfigureAwait(false);
    }

    /// <summary>Synchronous, because the time for running requests begins with the call that ends the server.</summary>
    private void EndWaiting() => stopWaiting.Cancel();
}
