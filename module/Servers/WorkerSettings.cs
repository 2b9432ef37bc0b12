using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Servers;

/// <summary>What <c>Start-HttpServer</c> was asked for about the workers, the threads with runspaces that run handlers.</summary>
internal sealed record WorkerSettings
{
    /// <summary>Most workers.</summary>
    public required int ThrottleLimit { get; init; }

    /// <summary>Most requests that wait for a worker.</summary>
    public required int QueueLimit { get; init; }

    /// <summary>Time for a handler to begin its answer; <see cref="TimeSpan.Zero"/> for any time.</summary>
    public required TimeSpan HandlerTimeout { get; init; }

    /// <summary>The location of the session in the file system, where handlers begin.</summary>
    public required string Location { get; init; }

    public IReadOnlyList<string> Modules { get; init; } = [];

    public bool IsolatesModules { get; init; }

    public ScriptBlock? InitializationScript { get; init; }

    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();

    public IReadOnlyDictionary<string, string> Functions { get; init; } = new Dictionary<string, string>();

    public bool GoesOnWithoutModules { get; init; }

    /// <summary>Whether something runs in a worker before the first request.</summary>
    public bool HaveScripts => Modules.Count > 0 || InitializationScript is not null;

    /// <summary>What each worker's runspace is made of.</summary>
    /// <param name="log">The server's log.</param>
    /// <param name="shared">The table that handlers share as <c>$Shared</c>.</param>
    public WorkerSetup MakeSetup(ServerLog log, Hashtable shared) => new()
    {
        Log = log,
        Modules = Modules,
        IsolatesModules = IsolatesModules,
        InitializationScript = InitializationScript,
        Variables = new Dictionary<string, object?>(Variables, StringComparer.OrdinalIgnoreCase) { ["Shared"] = shared },
        Functions = Functions,
        Location = Location,
        GoesOnWithoutModules = GoesOnWithoutModules,
        MakeRehearsals = () => Rehearsal.All(HaveScripts || Functions.Count > 0),
    };
}
