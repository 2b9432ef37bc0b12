using System.Net.Sockets;
using Http.Server.Resources;

namespace Http.Server.Transport.Listening;

/// <summary>Takes connections from a server's listeners until the server stops; nothing else ends it.</summary>
/// <param name="listeners">The sockets that listen.</param>
/// <param name="inherited">Those of them that other processes have, too.</param>
/// <param name="places">The places for connections.</param>
/// <param name="refused">Takes those that there is no memory for.</param>
/// <param name="shortage">Told what is short.</param>
/// <param name="begin">Begins a connection that has its place, which it gives back at the connection's end.</param>
internal sealed class Acceptor(
    Socket[] listeners, IReadOnlySet<Socket> inherited, ConnectionPlaces places, RefusedConnections refused,
    ShortageReport shortage, Action<Socket> begin)
{
    /// <summary>Connections in a row that were gone before they were taken; a backlog may be full of them, but no more.</summary>
    private const int MaxLosses = 512;

    private volatile Task _accepting = Task.CompletedTask;
    private volatile bool _isAccepting;
    private volatile bool _isStopping;

    /// <summary>Ends when no further connection comes from it: all that were taken have begun.</summary>
    public Task Ended => _accepting;

    /// <summary>Accepts at all listeners until the end.</summary>
    /// <param name="stopWaiting">Cancelled after <see cref="Close"/>: connections that wait for a place learn of the end, whether
    /// or not a handler ever gives its own back.</param>
    public Task RunAsync(CancellationToken stopWaiting)
    {
        _isAccepting = true;
        return _accepting = Task.WhenAll(Array.ConvertAll(
            listeners, listener => inherited.Contains(listener)
                ? AcceptSharedAsync(listener, stopWaiting)
                : AcceptAsync(listener, stopWaiting, CancellationToken.None)));
    }

    /// <summary>Frees the ports; those of inherited sockets are free for others as they were.</summary>
    public void Close()
    {
        _isStopping = true;
        foreach (var listener in listeners.Where(listener => !_isAccepting || !inherited.Contains(listener)))
            Listener.Close(listener);
    }

    /// <summary>
    /// .NET disconnects a socket that is closed while another thread accepts at it, and a socket that listens no more does so for
    /// no process. So an inherited one is closed when nobody accepts.
    /// </summary>
    private async Task AcceptSharedAsync(Socket listener, CancellationToken stopWaiting)
    {
        await AcceptAsync(listener, stopWaiting, stopWaiting).ConfigureAwait(false);
        Listener.Close(listener);
    }

    private async Task AcceptAsync(Socket listener, CancellationToken stopWaiting, CancellationToken noMore)
    {
        for (var failures = 0; !_isStopping;)
        {
            Socket? socket = null;
            try
            {
                socket = await listener.AcceptAsync(noMore).ConfigureAwait(false);
                failures = 0;
                await places.WaitAsync(socket, stopWaiting).ConfigureAwait(false);
                if (places.TryTakeMemory())
                    Begin(socket);
                else
                    await RefuseAsync(socket, stopWaiting).ConfigureAwait(false);
            }
            catch (Exception) when (_isStopping)
            {
                // The sockets are being closed because the server stops, so their errors mean nothing.
                socket?.Dispose();
                return;
            }
            catch (Exception exception)
            {
                socket?.Dispose();
                failures++;
                var isLost = exception is SocketException { SocketErrorCode: var error }
                    && ExpectedFaults.IsLostBeforeAccept(error);
                if (!isLost)
                    shortage.Report(Shortage.Of(exception)
                        ?? $"resources to accept at {listener.LocalEndPoint} ({exception.Message})", "new connections wait");
                // Only the end of other connections helps, so this waits: trying at once would take processor time for nothing.
                // It is the same with losses without end.
                if (!isLost || failures > MaxLosses)
                    await places.PauseAsync().ConfigureAwait(false);
            }
        }
    }

    private void Begin(Socket socket)
    {
        try
        {
            begin(socket);
        }
        catch
        {
            places.ReleaseWithMemory();
            throw;
        }
    }

    /// <summary>
    /// Tells a client that there is no memory for its connection. Those who have the memory may read for hours, and a client that
    /// waits in the backlog would learn nothing.
    /// </summary>
    private async Task RefuseAsync(Socket socket, CancellationToken stopWaiting)
    {
        shortage.Report("bytes of memory", "new connections are answered 503");
        while (true)
        {
            refused.Sweep();
            if (refused.HasRoom)
                break;
            await places.PauseAsync().ConfigureAwait(false);
            stopWaiting.ThrowIfCancellationRequested();
        }

        refused.Add(socket);
    }
}
