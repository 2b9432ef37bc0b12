using System.Net.Sockets;

namespace Http.Server.Transport;

/// <summary>
/// How long a client is waited for in one direction: a plain number that the connection sets and the server's sweep compares.
/// </summary>
/// <remarks>
/// The sweep comes in time even where the thread pool has no thread for what has waited. So a deadline that has passed ends
/// nothing before the socket has been looked at: if the client's bytes lie there, or there is room for its answer, the server is
/// late and the client is not. Its time is then extended, and again while nothing has been taken since. A client that sends byte
/// by byte may have one there by chance: it gains one extension in a request.
/// </remarks>
/// <param name="mode">What is waited for.</param>
internal struct Deadline(SelectMode mode)
{
    private const long Never = long.MaxValue;

    private long _time = Never;
    private long _extension;
    private int _wait;

    // What the sweep has found.
    private int _extendedWait;
    private int _ready;
    private bool _isExtended;

    /// <summary>The server has been late in the wait that was begun last: its length tells nothing of the client.</summary>
    public readonly bool IsServerLate => _isExtended && _extendedWait == _wait;

    /// <summary>Begins to run.</summary>
    /// <param name="now">By the server's clock, in milliseconds.</param>
    /// <param name="milliseconds">From now on.</param>
    /// <param name="extension">Milliseconds more, if the server is late; 0 for none.</param>
    public void Set(long now, long milliseconds, long extension)
    {
        _extension = extension;
        Volatile.Write(ref _time, now + milliseconds);
    }

    /// <summary>Nothing is waited for.</summary>
    public void Clear() => Volatile.Write(ref _time, Never);

    /// <summary>The next read or write begins: what was waited for has been taken.</summary>
    public void BeginWait() => Volatile.Write(ref _wait, _wait + 1);

    /// <summary>Nothing is waited for, and what follows may be extended anew.</summary>
    public void Reset()
    {
        Clear();
        _isExtended = false;
    }

    /// <summary>Called by the sweep.</summary>
    /// <param name="now">By the server's clock, in milliseconds.</param>
    /// <param name="socket">The client's; null if there is none to look at.</param>
    /// <returns>True if the time has passed by the client's fault; then nothing is waited for any more.</returns>
    public bool TryPass(long now, Socket? socket)
    {
        var time = Volatile.Read(ref _time);
        if (now <= time)
            return false;
        var wait = Volatile.Read(ref _wait);
        var ready = socket is null || _extension == 0 ? 0 : CountReady(socket);
        if (ready == 0 || (_isExtended && (wait != _extendedWait || ready < _ready)))
            return Interlocked.CompareExchange(ref _time, Never, time) == time;
        // By now another wait may have begun, which has a time of its own.
        if (Interlocked.CompareExchange(ref _time, now + _extension, time) == time)
            (_extendedWait, _ready, _isExtended) = (wait, ready, true);
        return false;
    }

    private readonly int CountReady(Socket socket)
    {
        try
        {
            return mode == SelectMode.SelectRead ? socket.Available : socket.Poll(0, mode) ? 1 : 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended by itself meanwhile.
            return 0;
        }
    }
}
