using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Http.Server.PowerShell.Engine.Leftovers;

/// <summary>
/// The jobs and event subscribers of a worker's runspace: those that a request has made end with it, those that the
/// initialization script made stay.
/// </summary>
internal sealed class RequestLeftovers
{
    /// <summary>
    /// What keeps the jobs of Start-ThreadJob, once the module of that cmdlet is loaded; all other jobs are in the runspace's
    /// own list.
    /// </summary>
    private const string ThreadJobs = "ThreadJobSourceAdapter";

    /// <summary>
    /// The engine runs the actions of all events that have come before it removes a subscriber, however long these take; it
    /// skips those of a job that has ended. The method is protected.
    /// </summary>
    private static readonly MethodInfo? SetJobState =
        typeof(Job).GetMethod("SetJobState", BindingFlags.NonPublic | BindingFlags.Instance, [typeof(JobState)]);

    private readonly Runspace _runspace;
    private readonly EngineIntrinsics _engine;
    private readonly PSEventManager _events;
    private readonly JobRepository _jobs;
    private readonly HashSet<PSEventSubscriber> _ownSubscribers;
    private readonly HashSet<Job> _ownJobs;

    /// <summary>Notes those that there are in the runspace of this thread.</summary>
    public RequestLeftovers(Runspace runspace, EngineIntrinsics engine)
    {
        (_runspace, _engine, _events) = (runspace, engine, runspace.Events);
        using var shell = MakeShell();
        // Advanced functions alone reach the list of jobs without the price of Get-Job.
        _jobs = (JobRepository)shell.AddScript("[CmdletBinding()] param() $PSCmdlet.JobRepository").Invoke()[0].BaseObject;
        _ownSubscribers = [.. _events.Subscribers];
        _ownJobs = [.. _jobs.Jobs, .. ReadThreadJobs()];
    }

    /// <summary>Something in the runspace waits for events.</summary>
    public bool HasSubscribers => _events.Subscribers.Count > 0;

    /// <summary>Ends what a request has added. For one that has added nothing it costs less than a microsecond.</summary>
    /// <param name="use">What the request may have changed.</param>
    /// <returns>False if something is not at its end yet: the runspace must be closed, by <see cref="Close"/>.</returns>
    public bool TryEnd(GlobalUse use)
    {
        var isAtEnd = true;
        foreach (var subscriber in _events.Subscribers)
        {
            if (_ownSubscribers.Contains(subscriber))
                continue;
            if (subscriber.Action is null)
                _events.UnsubscribeEvent(subscriber);
            else
                isAtEnd = false;
        }

        if (_events.ReceivedEvents.Count > 0)
            ForgetEvents();
        foreach (var job in _jobs.Jobs)
        {
            // The job of a subscriber ends with its subscription.
            if (_ownJobs.Contains(job) || (job is PSEventJob && !HasEnded(job)))
                continue;
            _jobs.Remove(job);
            JobEnd.Begin(job);
        }

        // A command would run the actions of the events that have come.
        return isAtEnd && (use != GlobalUse.Everything || TryEndThreadJobs());
    }

    /// <summary>Ends everything and closes the runspace; it may take as long as what runs there for an event.</summary>
    public void Close()
    {
        if (_events.Subscribers.Count == 0 && _jobs.Jobs.Count == 0 && !HasThreadJobs)
        {
            _runspace.Dispose();
            return;
        }

        new Thread(EndAll) { IsBackground = true, Name = "HttpServer closing" }.Start();
    }

    // A runspace that the end of PowerShell has closed has no list.
    private bool HasThreadJobs => _runspace.JobManager?.IsRegistered(ThreadJobs) == true;

    private bool TryEndThreadJobs()
    {
        var jobs = ReadThreadJobs().Where(job => !_ownJobs.Contains(job)).ToArray();
        if (jobs.Length == 0)
            return true;
        // The cmdlet would wait for a job that runs, which may never end.
        if (!jobs.All(HasEnded))
            return false;
        using var shell = MakeShell();
        shell.AddCommand(Cmdlet("Remove-Job")).AddParameter("Job", jobs).AddParameter("Force").Invoke();
        return true;
    }

    private void EndAll()
    {
        Runspace.DefaultRunspace = _runspace;
        try
        {
            foreach (var subscriber in _events.Subscribers)
            {
                if (subscriber.Action is { } action)
                    SetJobState?.Invoke(action, [JobState.Stopped]);
                _events.UnsubscribeEvent(subscriber);
            }

            foreach (var job in _jobs.Jobs.Concat(ReadThreadJobs()).Where(static job => !HasEnded(job)))
                JobEnd.Begin(job);
        }
        catch (Exception exception) when (exception is InvalidOperationException or RuntimeException or TargetInvocationException)
        {
            // The runspace cannot be used any more, and what it holds ends with it.
        }

        _runspace.Dispose();
    }

    private Job[] ReadThreadJobs()
    {
        if (!HasThreadJobs)
            return [];
        using var shell = MakeShell();
        return [.. shell.AddCommand(Cmdlet("Get-Job")).Invoke().Select(static job => job.BaseObject).OfType<Job2>()];
    }

    private Shell MakeShell()
    {
        var shell = Shell.Create();
        shell.Runspace = _runspace;
        return shell;
    }

    private CommandInfo Cmdlet(string name) => _engine.InvokeCommand.GetCommand(name, CommandTypes.Cmdlet);

    /// <summary>Drops events that wait to be taken, unless a subscriber that stays has them.</summary>
    private void ForgetEvents()
    {
        var received = _events.ReceivedEvents;
        lock (received.SyncRoot)
        {
            for (var at = received.Count - 1; at >= 0; at--)
            {
                var source = received[at].SourceIdentifier;
                if (!_ownSubscribers.Any(subscriber =>
                    string.Equals(subscriber.SourceIdentifier, source, StringComparison.OrdinalIgnoreCase)))
                    received.RemoveAt(at);
            }
        }
    }

    private static bool HasEnded(Job job) => job.JobStateInfo.State is JobState.Completed or JobState.Failed or JobState.Stopped;
}
