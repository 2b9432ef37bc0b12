namespace Http.Server.Host.Scripts;

/// <summary>Runs a script, and runs it anew in a session of its own when it or a file that it dot-sources changes.</summary>
internal sealed class WatchedScript(string script, IReadOnlyList<string> arguments)
{
    /// <summary>Time to wait after a change, since editors write a file in several steps.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    /// <summary>Files in which the session's functions are defined, without those that the script's text names.</summary>
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);

    /// <returns>The program's exit code.</returns>
    public int Run()
    {
        using var signals = new EndSignals();
        using var log = new LogDisplay();
        var session = new HostSession();
        try
        {
            while (true)
            {
                var current = session;
                _others.Clear();
                using var noticed = new AutoResetEvent(initialState: false);
                // Watched before the engine reads the files, so that a change in between is noticed.
                var watch = Watch(noticed);
                var named = ScriptSources.Read(script, []).Files;
                using var run = current.Begin(shell => current.AddScript(shell, script, arguments));
                if (!WaitForChange(current, run, named, watch, signals, noticed))
                {
                    run.Stop();
                    Stopping.StopServersAsync().GetAwaiter().GetResult();
                    return ExitCode.Success;
                }

                // Made before the old one is ended, so that its port is free for a moment only.
                session = new HostSession();
                Streams.Report($"{script} has changed: it is started anew.");
                run.Stop();
                Stopping.BreakOffAsync().GetAwaiter().GetResult();
                current.Dispose();
            }
        }
        finally
        {
            session.Dispose();
        }
    }

    private SourceWatch Watch(AutoResetEvent noticed) => new(ScriptSources.Read(script, _others).Files, () => noticed.Set());

    /// <summary>Waits until a file has changed and the script can be parsed.</summary>
    /// <returns>False if a signal came first.</returns>
    private bool WaitForChange(
        HostSession session, SessionRun run, IReadOnlyCollection<string> named, SourceWatch watch, EndSignals signals,
        AutoResetEvent noticed)
    {
        try
        {
            WaitHandle[] handles = [signals.Raised, noticed, run.Ended];
            while (true)
            {
                var which = WaitHandle.WaitAny(handles);
                if (which == 0 || signals.Wait(which == 1 ? Settling : TimeSpan.Zero))
                    return false;
                if (which == 2)
                {
                    run.Finish();
                    // Files that the script's text names are found from the text, and only for as long as it names them.
                    _others.UnionWith(session.GetFunctionFiles());
                    _others.ExceptWith(named);
                    // The script ends only once: its handle is not waited for again.
                    handles = handles[..2];
                }

                var next = Watch(noticed);
                var hasChanged = watch.HasChanged();
                watch.Dispose();
                watch = next;
                if (!hasChanged)
                    continue;
                if (ScriptSources.Read(script, _others).Error is not { } error)
                    return true;
                Streams.Complain($"{ScriptError.Of(error)}{Environment.NewLine}What runs stays as it was.");
            }
        }
        finally
        {
            watch.Dispose();
        }
    }
}
