using System.Globalization;
using Http.Server.State;

namespace Http.Server.PowerShell.Timers;

/// <summary>
/// The right to run a timer, of which one of the servers that share a store has it each time: who is the first to count up the
/// number of that time. It is held as long as the script runs, so that the next run, at whatever server, does not overlap.
/// </summary>
internal sealed class TimerLease : IAsyncDisposable
{
    /// <summary>A server that has vanished with the right loses it after this time.</summary>
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(30);

    /// <summary>Clocks of servers may differ by this: for so long it is known that a time was taken.</summary>
    private static readonly TimeSpan Difference = TimeSpan.FromMinutes(5);

    private readonly IHttpStateStore _store;
    private readonly string _busy;
    private readonly ITimer _timer;
    private volatile bool _isLost;

    private TimerLease(IHttpStateStore store, string busy, TimeProvider time)
    {
        (_store, _busy) = (store, busy);
        _timer = time.CreateTimer(
            static lease => _ = ((TimerLease)lease!).ExtendAsync(), this, HoldTime / 3, HoldTime / 3);
    }

    /// <summary>Takes the right.</summary>
    /// <param name="store">The store.</param>
    /// <param name="timer">The timer.</param>
    /// <param name="due">When it was due.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Null if another server has it, or still runs the timer.</returns>
    /// <exception cref="HttpStateStoreException">The store is away.</exception>
    public static async ValueTask<TimerLease?> TryTakeAsync(
        IHttpStateStore store, HttpTimer timer, DateTimeOffset due, TimeProvider time)
    {
        var slot = timer.Schedule.SlotOf(due).ToString(CultureInfo.InvariantCulture);
        var prefix = $"timer:{timer.Key}:";
        if (await store.IncrementAsync(prefix + slot, 1, timer.Schedule.Interval + Difference).ConfigureAwait(false) != 1
            || await store.IncrementAsync(prefix + "busy", 1, HoldTime).ConfigureAwait(false) != 1)
            return null;
        return new TimerLease(store, prefix + "busy", time);
    }

    /// <summary>Gives the right back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        if (_isLost)
            return;
        try
        {
            await _store.RemoveAsync(_busy).ConfigureAwait(false);
        }
        catch (HttpStateStoreException)
        {
            // It ends by itself.
        }
    }

    private async Task ExtendAsync()
    {
        try
        {
            _isLost |= !await _store.ExtendAsync(_busy, HoldTime).ConfigureAwait(false);
        }
        catch (HttpStateStoreException)
        {
            // The next time may do.
        }
    }
}
