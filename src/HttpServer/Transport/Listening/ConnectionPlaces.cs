using System.Net.Sockets;
using Http.Server.Resources;

namespace Http.Server.Transport.Listening;

/// <summary>
/// The places for a server's connections: as many as its options say, and those of the process, which all its servers share. A
/// connection has one from before it is served to its end.
/// </summary>
internal sealed class ConnectionPlaces
{
    /// <summary>Before the server looks again whether something is there that was short.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ProcessBudget _budget = ProcessBudget.Process;
    private readonly ShortageReport _shortage;
    private readonly TimeProvider _time;
    private readonly long _memory;

    /// <param name="options">The server's.</param>
    /// <param name="isConcurrent">More than one connection is served at once.</param>
    /// <param name="isSecure">Connections are TLS.</param>
    /// <param name="shortage">Told what is short.</param>
    /// <exception cref="ServerStartException">The process has less than a server needs.</exception>
    public ConnectionPlaces(HttpServerOptions options, bool isConcurrent, bool isSecure, ShortageReport shortage)
    {
        _shortage = shortage;
        _time = options.TimeProvider;
        _memory = ProcessBudget.MemoryOf(isSecure);
        var slots = isConcurrent ? Math.Min(options.MaxConnections, _budget.Connections) : 1;
        Count = Math.Min(slots, _budget.CountByMemory(isSecure));
        Slots = new SemaphoreSlim(slots);
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Not disposed: only a wait handle, which is never asked for, would need that.</summary>
    private SemaphoreSlim Slots { get; }

    /// <summary>
    /// Waits until there is a place for a connection. A listener that waits for clients holds none: the last one would be missing
    /// at the server's other addresses. While there is none, this connection waits here and those behind it in the backlog.
    /// </summary>
    public async Task WaitAsync(Socket socket, CancellationToken cancellationToken)
    {
        await TakeAsync(Slots, cancellationToken).ConfigureAwait(false);
        try
        {
            await TakeAsync(_budget.Places, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Slots.Release();
            throw;
        }

        try
        {
            // Something else in the process has taken more than was set aside for it.
            while (ProcessBudget.IsLast(socket.Handle) && !ProcessBudget.HasDescriptors(0))
            {
                _shortage.Report(Shortage.Descriptors, "new connections wait");
                await PauseAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Takes memory for a connection that has a place; without it the place is given back.</summary>
    /// <returns>False if there is not enough.</returns>
    public bool TryTakeMemory()
    {
        if (_budget.TryTakeMemory(_memory))
            return true;
        Release();
        return false;
    }

    /// <summary>Gives a place and its memory back.</summary>
    public void ReleaseWithMemory()
    {
        _budget.GiveMemoryBack(_memory);
        Release();
    }

    /// <summary>Waits for a moment, as far as that can be done without resources.</summary>
    public async Task PauseAsync()
    {
        try
        {
            await Task.Delay(Pause, _time).ConfigureAwait(false);
        }
        catch (OutOfMemoryException)
        {
            // There is no memory for a timer either. This runs on a thread of the pool, which gives way to other work for a
            // while.
            Thread.Sleep(Pause);
        }
    }

    /// <summary>A place that is free is taken also when waiting has no sense any more: the connection need not be lost.</summary>
    private static Task TakeAsync(SemaphoreSlim places, CancellationToken cancellationToken) =>
        places.Wait(0, CancellationToken.None) ? Task.CompletedTask : places.WaitAsync(cancellationToken);

    private void Release()
    {
        _budget.Places.Release();
        Slots.Release();
    }
}
