using Http.Server.Transport;

namespace Http.Server.Cgi;

/// <summary>
/// Watches a program that runs for a request: it must not be silent for too long, and its client must still be there.
/// </summary>
/// <param name="context">The request.</param>
/// <param name="timeout">Longest silence.</param>
internal sealed class CgiWatch(IHandlerContext context, TimeSpan timeout)
{
    /// <summary>
    /// A client that ends its side may still read: a program has this long to answer it. Without a word from either it counts as
    /// gone.
    /// </summary>
    private static readonly TimeSpan HalfCloseTime = TimeSpan.FromSeconds(1);

    private long _lastProgress;

    /// <summary>The program has taken or given bytes: its silence begins now.</summary>
    public void Progress() => Volatile.Write(ref _lastProgress, context.Connection.Clock.Milliseconds);

    /// <summary>The client is waited for, which is no silence of the program, until the next <see cref="Progress"/>.</summary>
    public void Suspend() => Volatile.Write(ref _lastProgress, long.MaxValue);

    /// <summary>Cancels when the program has been silent for too long or the client has left.</summary>
    /// <param name="sending">Passes the request's body on.</param>
    /// <param name="stop">Is cancelled; when something else cancels it, watching ends.</param>
    /// <returns>True if the program was silent; false if the client left, or nothing happened.</returns>
    public async Task<bool> RunAsync(Task sending, CancellationTokenSource stop)
    {
        var leaving = WaitForDepartureAsync(sending, stop.Token);
        while (!stop.IsCancellationRequested)
        {
            var silence = Math.Max(context.Connection.Clock.Milliseconds - Volatile.Read(ref _lastProgress), 0);
            var left = timeout - TimeSpan.FromMilliseconds(silence);
            if (left <= TimeSpan.Zero)
            {
                await stop.CancelAsync().ConfigureAwait(false);
                return true;
            }

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var ended = await Task.WhenAny(leaving, Task.Delay(left, context.Connection.Options.TimeProvider, pause.Token))
                .ConfigureAwait(false);
            await pause.CancelAsync().ConfigureAwait(false);
            if (ended != leaving)
                continue;
            if (await leaving.ConfigureAwait(false))
            {
                await stop.CancelAsync().ConfigureAwait(false);
                return false;
            }

            leaving = Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(static _ => false, TaskScheduler.Default);
        }

        return false;
    }

    /// <summary>Whether the client is gone, or broke the protocol in its body; while the body comes, reading it tells.</summary>
    private async Task<bool> WaitForDepartureAsync(Task sending, CancellationToken cancellationToken)
    {
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return sending.IsFaulted || await context.Connection.WaitForDepartureAsync(HalfCloseTime, cancellationToken)
            .ConfigureAwait(false);
    }
}
