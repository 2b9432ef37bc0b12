using System.Buffers;
using System.Text;
using Http.Server.Cgi;
using Http.Server.Transport;

namespace Http.Server;

/// <content>What goes on beside the answer: standard error, silence, and a client that leaves.</content>
public partial class CgiHttpRequestHandler
{
    /// <summary>Longest line of a program's standard error that is logged whole.</summary>
    private const int MaxLine = 8 * 1024;

    /// <summary>
    /// A client that ends its side may still read: a program has this long to answer it. Without a word from either it counts as
    /// gone.
    /// </summary>
    private static readonly TimeSpan HalfCloseTime = TimeSpan.FromSeconds(1);

    /// <summary>Logs what the program writes to standard error, line by line.</summary>
    private async Task LogErrorsAsync(CgiScript script, CgiProcess process, Action<string> see,
        CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLine);
        var count = 0;
        try
        {
            while (true)
            {
                var read = await process.Errors.ReadAsync(buffer.AsMemory(count, MaxLine - count), cancellationToken)
                    .ConfigureAwait(false);
                count += read;
                var start = 0;
                for (int length; (length = buffer.AsSpan(start, count - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
                    Report(buffer.AsSpan(start, length));
                if (read == 0 || count - start == MaxLine)
                {
                    if (count > start)
                        Report(buffer.AsSpan(start, count - start));
                    start = count;
                }

                if (read == 0)
                    return;
                buffer.AsSpan(start, count - start).CopyTo(buffer);
                count -= start;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        void Report(ReadOnlySpan<byte> bytes)
        {
            var line = Encoding.UTF8.GetString(bytes).TrimEnd('\r');
            see(line);
            LogError("CGI {0}: {1}", script.ScriptName, line);
        }
    }

    /// <summary>Cancels when the program has been silent for too long or the client has left.</summary>
    /// <returns>True if the program was silent; false if the client left, or nothing happened.</returns>
    private async Task<bool> WatchAsync(Task sending, CancellationTokenSource stop)
    {
        var leaving = WaitForDepartureAsync(sending, stop.Token);
        while (!stop.IsCancellationRequested)
        {
            var silence = Math.Max(Connection.Clock.Milliseconds - Volatile.Read(ref _lastProgress), 0);
            var left = CgiTimeout - TimeSpan.FromMilliseconds(silence);
            if (left <= TimeSpan.Zero)
            {
                await stop.CancelAsync().ConfigureAwait(false);
                return true;
            }

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var ended = await Task.WhenAny(leaving, Task.Delay(left, Connection.Options.TimeProvider, pause.Token))
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
        return sending.IsFaulted || await Connection.WaitForDepartureAsync(HalfCloseTime, cancellationToken)
            .ConfigureAwait(false);
    }
}
