using System.Runtime.InteropServices;
using Http.Server.Interop;

namespace Http.Server.Cgi.Unix;

/// <summary>
/// Waits for all pipes of all programs on one thread. .NET waits for a pipe by blocking a thread of the pool, so thirty slow
/// programs would hold up everything else; its own poller takes sockets alone, and a socket for standard output breaks programs
/// that open <c>/dev/stdout</c>.
/// </summary>
internal sealed unsafe class PipePoller
{
    private const short In = 1;
    private const short Out = 4;

    /// <summary>Made with the first program. Where a thread cannot be had then, the next program tries again.</summary>
    private static readonly Lazy<PipePoller> SharedPoller = new(static () => new PipePoller(),
        LazyThreadSafetyMode.PublicationOnly);

    private readonly Lock _lock = new();
    private readonly List<Waiter> _arriving = [];
    private readonly int _wakeRead;
    private readonly int _wakeWrite;

    private PipePoller()
    {
        var ends = UnixNative.MakePipe();
        (_wakeRead, _wakeWrite) = (ends.Read, ends.Write);
        UnixNative.SetNonBlocking(_wakeRead);
        UnixNative.SetNonBlocking(_wakeWrite);
        try
        {
            new Thread(Run) { IsBackground = true, Name = "HttpServer CGI pipes" }.Start();
        }
        catch
        {
            _ = Libc.Close(_wakeRead);
            _ = Libc.Close(_wakeWrite);
            throw;
        }
    }

    public static PipePoller Shared => SharedPoller.Value;

    /// <summary>Ends when the descriptor can be read (or written) without blocking, or its other end is closed.</summary>
    public Task WaitAsync(int descriptor, bool forWriting, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(descriptor, forWriting ? Out : In, cancellationToken);
        lock (_lock)
            _arriving.Add(waiter);
        Wake();
        return waiter.Task;
    }

    private void Wake()
    {
        byte one = 1;
        // A full pipe has woken the thread already.
        _ = Libc.Write(_wakeWrite, &one, 1);
    }

    private void Run()
    {
        var waiting = new List<Waiter>();
        var polled = new PollEntry[16];
        while (true)
        {
            lock (_lock)
            {
                waiting.AddRange(_arriving);
                _arriving.Clear();
            }

            waiting.RemoveAll(static waiter => waiter.IsDone);
            if (polled.Length < waiting.Count + 1)
                polled = new PollEntry[waiting.Count * 2];
            polled[0] = new PollEntry { Descriptor = _wakeRead, Events = In };
            for (var at = 0; at < waiting.Count; at++)
                polled[at + 1] = new PollEntry { Descriptor = waiting[at].Descriptor, Events = waiting[at].Events };
            fixed (PollEntry* entries = polled)
                _ = Libc.Poll(entries, (nuint)(waiting.Count + 1), -1);
            if (polled[0].Results != 0)
                Drain();
            for (var at = waiting.Count - 1; at >= 0; at--)
            {
                if (polled[at + 1].Results == 0)
                    continue;
                waiting[at].Complete();
                waiting.RemoveAt(at);
            }
        }
    }

    private void Drain()
    {
        var buffer = stackalloc byte[64];
        while (Libc.Read(_wakeRead, buffer, 64) == 64)
        {
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Results;
    }

    private sealed class Waiter : TaskCompletionSource
    {
        private readonly CancellationTokenRegistration _registration;

        public Waiter(int descriptor, short events, CancellationToken cancellationToken)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            (Descriptor, Events) = (descriptor, events);
            if (cancellationToken.CanBeCanceled)
            {
                _registration = cancellationToken.UnsafeRegister(
                    static waiter =>
                    {
                        ((Waiter)waiter!).TrySetCanceled();
                        Shared.Wake();
                    },
                    this);
            }
        }

        public int Descriptor { get; }

        public short Events { get; }

        public bool IsDone => Task.IsCompleted;

        public void Complete()
        {
            _registration.Dispose();
            TrySetResult();
        }
    }
}
