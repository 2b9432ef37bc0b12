using System.Runtime.InteropServices;

namespace Http.Server.Host;

/// <summary>Ctrl+C and SIGTERM: the first asks for an end in order, a second one for an end at once.</summary>
internal sealed class EndSignals : IDisposable
{
    private readonly ManualResetEventSlim _raised = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public EndSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Raise),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Raise),
    ];

    /// <summary>Whether one has come.</summary>
    public bool IsRaised => _raised.IsSet;

    /// <summary>Set with the first one.</summary>
    public WaitHandle Raised => _raised.WaitHandle;

    /// <summary>Waits for the first one.</summary>
    /// <returns>Whether it has come.</returns>
    public bool Wait(TimeSpan time) => _raised.Wait(time);

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Raise(PosixSignalContext context)
    {
        context.Cancel = true;
        var count = Interlocked.Increment(ref _count);
        // The runtime calls handlers of signals one after the other, so this one must return at once.
        ThreadPool.UnsafeQueueUserWorkItem(_ => Act(count), null);
    }

    private void Act(int count)
    {
        if (count > 1)
        {
            _ = Stopping.BreakOffAsync();
            return;
        }

        _raised.Set();
    }
}
