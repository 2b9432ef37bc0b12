using System.Management.Automation;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Http.Server.PowerShell.Engine.Depth;

/// <summary>
/// Ends scripts whose calls are nested too deeply. The engine looks at the stack where a command is called and nowhere else:
/// methods of classes, script properties and invoked blocks that call themselves would overflow it, which ends the process.
/// </summary>
/// <remarks>
/// <see cref="CallDepthWatcher"/> looks from another thread. When the stack has been deep, the engine's debugger is told to stop
/// at the next statement: it does so on the thread itself, where the depth is known, and ends the script if it is still too
/// deep. Its exception passes everything that a script can catch. That of a stopped pipeline is made into text with the whole
/// stack at each level on its way, which takes seconds; so the pipeline is stopped only where the debugger does not look, as in
/// script properties.
/// </remarks>
/// <param name="stack">The stack of the thread.</param>
/// <param name="stop">
/// Told of what is too deep, here or on the watcher's thread, and whether the pipeline is to be stopped for it.
/// </param>
internal sealed class CallDepth(ThreadStack stack, Action<Debugger, bool> stop)
{
    /// <summary>
    /// Time, in milliseconds, for the debugger's exception to end a script; a stop of the pipeline would slow it down.
    /// </summary>
    public const int TimeToEnd = 2000;

    /// <summary>
    /// How much deeper a script may go, in levels of <see cref="ThreadStack.Level"/>, until the debugger has stopped it.
    /// </summary>
    private const int LevelsForDebugger = 4;

    /// <summary>
    /// Time, in ticks, below which a script has not been deep: a thousand calls in one another take several times as long. To
    /// ask the system costs two microseconds, as much as a short script.
    /// </summary>
    private static readonly long Shortest = Stopwatch.Frequency / 5000;

    private readonly Lock _lock = new();
    private Debugger? _debugger;
    private volatile bool _isWatched;
    private bool _isArmed;
    private volatile bool _isEnding;
    private int _level;
    private long _begun;

    /// <summary>Scripts run: the stack is to be looked at.</summary>
    public bool IsWatched => _isWatched;

    /// <summary>Scripts begin to run on this thread.</summary>
    /// <param name="debugger">The debugger of their runspace.</param>
    public void Begin(Debugger debugger)
    {
        _debugger = debugger;
        _begun = Stopwatch.GetTimestamp();
        _isWatched = true;
        CallDepthWatcher.Wake();
    }

    /// <summary>Scripts have ended on this thread.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isWatched = false;
            if (_isArmed)
                Disarm();
        }

        if (Stopwatch.GetTimestamp() - _begun > Shortest && stack.HasBeenDeep)
            stack.Clear();
    }

    /// <summary>Stops the script if it is too deep; called often, on another thread.</summary>
    public void Look()
    {
        if (!stack.HasBeenDeep)
            return;
        lock (_lock)
        {
            if (!_isWatched)
                return;
            if (!_isArmed)
            {
                _isArmed = true;
                _level = stack.Level;
                _debugger!.DebuggerStop += OnDebuggerStop;
            }

            // The step mode is set each time: a script of a property that the debugger steps through has reset it.
            if (_debugger!.DebugMode != DebugModes.None)
                _debugger.SetDebuggerStepMode(true);
            // A stopped pipeline would slow down what the debugger is ending, which uses the stack too. Otherwise the debugger
            // has time for some more levels: it has the script compiled anew.
            if (!_isEnding && stack.Level > _level + LevelsForDebugger)
                stop(_debugger, true);
        }
    }

    private void Disarm()
    {
        _isArmed = _isEnding = false;
        _debugger!.DebuggerStop -= OnDebuggerStop;
        _debugger.SetDebuggerStepMode(false);
        // That ends the steps, but scripts would go on being compiled for the debugger.
        var mode = _debugger.DebugMode;
        _debugger.SetDebugMode(DebugModes.None);
        _debugger.SetDebugMode(mode);
    }

    /// <summary>The debugger has stopped, on the thread of the script.</summary>
    private void OnDebuggerStop(object? sender, DebuggerStopEventArgs args)
    {
        if (!stack.IsDeep)
        {
            // The script was too deep, and has returned since.
            stack.Clear();
            return;
        }

        _isEnding = true;
        stop(_debugger!, false);
        // Blocks of finally that recurse again use the stack below what is being ended. The thread is given up before that
        // fills it.
        if (stack.IsNearlyFull)
            Thread.Sleep(Timeout.Infinite);
        args.ResumeAction = DebuggerResumeAction.Stop;
    }
}
