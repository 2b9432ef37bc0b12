using System.Net.Sockets;
using System.Runtime.InteropServices;
using Http.Server.Interop;

namespace Http.Server.Transport.Polling;

/// <summary>
/// A thread that waits for many sockets at once by Linux's <c>epoll</c>, edge-triggered, and continues on itself what has waited
/// for one of them. What it continues must not block.
/// </summary>
internal sealed unsafe class SocketPoller
{
    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC
    private const int ControlAdd = 1; // EPOLL_CTL_ADD
    private const uint Input = 0x1; // EPOLLIN
    private const uint Output = 0x4; // EPOLLOUT
    private const uint Error = 0x8; // EPOLLERR
    private const uint HungUp = 0x10; // EPOLLHUP
    private const uint InputEnded = 0x2000; // EPOLLRDHUP
    private const uint EdgeTriggered = 0x80000000; // EPOLLET

    /// <summary>Sockets that one call tells of at most.</summary>
    private const int MaxEvents = 128;

    /// <summary>Bits of a key that are the place in the table; a socket has no more than 16 million neighbours.</summary>
    private const int PlaceBits = 24;

    // struct epoll_event: 4 bytes of events, 8 bytes of key. On x86-64 it has no padding, as in its 32-bit programs.
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int EventSize = IsPacked ? 12 : 16;
    private static readonly int KeyOffset = IsPacked ? 4 : 8;

    private static readonly Lazy<SocketPoller[]> Pollers = new(static () =>
    {
        var pollers = new SocketPoller[Environment.ProcessorCount];
        for (var at = 0; at < pollers.Length; at++)
            pollers[at] = new SocketPoller();
        return pollers;
    });

    private static uint LastChoice;

    private readonly int _descriptor;
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private PolledSocket?[] _sockets = new PolledSocket?[64];
    private int _used;
    private ulong _lastKey;

    private SocketPoller()
    {
        _descriptor = Libc.EpollCreate(CloseOnExec);
        if (_descriptor < 0)
            throw new ServerStartException(
                "The process has no descriptor left to wait for sockets with: raise its limit (ulimit -n).");
        new Thread(Run) { IsBackground = true, Name = "HTTP sockets" }.Start();
    }

    /// <summary>
    /// Makes all that is needed later: in a flood of connections there may be neither a descriptor nor a thread.
    /// </summary>
    /// <exception cref="ServerStartException">The process has no descriptor left.</exception>
    public static void Prepare() => _ = Pollers.Value;

    /// <summary>One of the pollers, in turn; there is one for each processor.</summary>
    public static SocketPoller Choose()
    {
        var pollers = Pollers.Value;
        return pollers[Interlocked.Increment(ref LastChoice) % (uint)pollers.Length];
    }

    /// <summary>Begins to tell a socket of its events: at once of those that are so already.</summary>
    /// <exception cref="IOException">The system has no room for another one.</exception>
    public void Add(PolledSocket socket, SafeSocketHandle handle)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out var place))
            {
                place = _used++;
                if (place == _sockets.Length)
                {
                    var larger = new PolledSocket?[_used * 2];
                    _sockets.CopyTo(larger, 0);
                    Volatile.Write(ref _sockets, larger);
                }
            }

            socket.Key = (++_lastKey << PlaceBits) | (uint)place;
            Volatile.Write(ref _sockets[place], socket);
        }

        var data = stackalloc byte[EventSize];
        *(uint*)data = Input | Output | InputEnded | EdgeTriggered;
        Marshal.WriteInt64((nint)(data + KeyOffset), (long)socket.Key);
        if (Libc.EpollControl(_descriptor, ControlAdd, handle, data) == 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        Remove(socket);
        throw SocketFaults.Make(error);
    }

    /// <summary>Tells a socket of nothing more; the system forgets it when it is closed.</summary>
    public void Remove(PolledSocket socket)
    {
        lock (_lock)
        {
            var place = PlaceOf(socket.Key);
            if (_sockets[place] != socket)
                return;
            _sockets[place] = null;
            _free.Push(place);
        }
    }

    private static int PlaceOf(ulong key) => (int)(key & ((1 << PlaceBits) - 1));

    private static PollEvents Translate(uint bits)
    {
        var events = PollEvents.None;
        if ((bits & (Input | InputEnded | HungUp | Error)) != 0)
            events |= PollEvents.Readable;
        if ((bits & (Output | HungUp | Error)) != 0)
            events |= PollEvents.Writable;
        if ((bits & (InputEnded | HungUp | Error)) != 0)
            events |= PollEvents.Ended;
        return events;
    }

    private void Run()
    {
        var buffer = stackalloc byte[EventSize * MaxEvents];
        while (true)
        {
            // It fails when a signal comes, and then tells nothing.
            var count = Libc.EpollWait(_descriptor, buffer, MaxEvents, -1);
            for (var at = buffer; count > 0; count--, at += EventSize)
            {
                var key = (ulong)Marshal.ReadInt64((nint)(at + KeyOffset));
                // What was told of a socket that is closed by now may name another one's place.
                if (Volatile.Read(ref Volatile.Read(ref _sockets)[PlaceOf(key)]) is { } socket && socket.Key == key)
                    Continue(socket, *(uint*)at);
            }
        }
    }

    private static void Continue(PolledSocket socket, uint bits)
    {
        try
        {
            socket.Continue(Translate(bits));
        }
        catch (Exception)
        {
            // Nothing that one connection does ends the thread of all: it is cut off.
            socket.Dispose();
        }
    }
}
