using System.Collections;
using System.Management.Automation;
using System.Security.Cryptography;
using System.Text;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Timers;

namespace Http.Server.PowerShell;

/// <summary>
/// A scriptblock that runs again and again: what <c>Register-HttpTimer</c> makes and <c>Get-HttpTimer</c> shows. Its figures are
/// always current.
/// </summary>
public sealed class HttpTimer
{
    private int _runs;
    private int _skipped;

    internal HttpTimer(int id, string name, ScriptBlock script, IDictionary? sessionValues, TimerSchedule schedule)
    {
        Id = id;
        Name = name.Length > 0 ? name : "Timer" + id;
        ScriptBlock = script;
        Schedule = schedule;
        Script = new CallableScript(id, script, HandlerBody.Make, new ScriptParameters()) { SessionValues = sessionValues };
        // Numbers differ from process to process, so a timer without a name is known by its text there.
        Key = name.Length > 0
            ? name.ToUpperInvariant()
            : "#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{schedule}\n{script}")).AsSpan(0, 8));
    }

    /// <summary>The timer's number in this session, which no handler has either.</summary>
    public int Id { get; }

    /// <summary>The timer's name; <c>Timer</c> and its number if it was not given one.</summary>
    public string Name { get; }

    /// <summary>The time from one run to the next; null for one that runs once a day.</summary>
    public TimeSpan? Every => Schedule.Every;

    /// <summary>The local time of the day at which it runs; null for one that runs more often.</summary>
    public TimeSpan? At => Schedule.At;

    /// <summary>The scriptblock.</summary>
    public ScriptBlock ScriptBlock { get; }

    /// <summary>The name of the server whose workers run it; null for the first server of the session that runs.</summary>
    public string? Server { get; internal init; }

    /// <summary>How often it has run here.</summary>
    public int Runs => _runs;

    /// <summary>How often it was due and has not run, for the run before had not ended.</summary>
    public int Skipped => _skipped;

    /// <summary>Whether it runs now.</summary>
    public bool IsRunning { get; internal set; }

    /// <summary>When it last began to run here; null before.</summary>
    public DateTimeOffset? LastRunTime { get; internal set; }

    /// <summary>When it is due.</summary>
    public DateTimeOffset? NextRunTime { get; internal set; }

    /// <summary>Why its last run has failed; null if it has not.</summary>
    public string? LastError { get; internal set; }

    internal TimerSchedule Schedule { get; }

    internal CallableScript Script { get; }

    /// <summary>Its name in a store that servers share.</summary>
    internal string Key { get; }

    /// <summary>The name and when it runs.</summary>
    public override string ToString() => At is { } time ? $@"{Name} at {time:hh\:mm\:ss}" : $"{Name} every {Every}";

    internal void CountRun() => Interlocked.Increment(ref _runs);

    internal void CountSkipped() => Interlocked.Increment(ref _skipped);
}
