using System.Diagnostics;
using System.Management.Automation;

namespace Http.Server.PowerShell.Engine.Leftovers;

/// <summary>Ends jobs that handlers have left behind.</summary>
internal static class JobEnd
{
    /// <summary>What the engine calls jobs of <c>ForEach-Object -Parallel</c>.</summary>
    private const string ParallelJob = "PSTaskJob";

    /// <summary>A job that has more to do than it may do at once opens no further runspace for as long as this.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Stops a job, on a thread of its own, because a job may take long to end.</summary>
    public static void Begin(Job job) =>
        new Thread(static job => Stop((Job)job!)) { IsBackground = true, Name = "HttpServer job" }.Start(job);

    /// <summary>
    /// Waits until a job of <c>ForEach-Object -Parallel -AsJob</c> opens no runspace: the engine opens them on a thread of the
    /// pool, and when one is closed in the middle of that, its exception there ends the process.
    /// </summary>
    public static void AwaitRunspaces(Job job)
    {
        if (job.PSJobTypeName != ParallelJob)
            return;
        var waiting = -1;
        var (start, changed) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            var left = job.ChildJobs.Count(static child => child.JobStateInfo.State == JobState.NotStarted);
            if (left == 0)
                return;
            if (left != waiting)
                (waiting, changed) = (left, Stopwatch.GetTimestamp());
            else if (left < job.ChildJobs.Count && Stopwatch.GetElapsedTime(changed) > Quiet)
                return;
            Thread.Sleep(5);
        }
    }

    private static void Stop(Job job)
    {
        try
        {
            AwaitRunspaces(job);
            job.StopJob();
            job.Dispose();
        }
        catch (Exception)
        {
            // It has ended by itself, or what its script has registered for its stop has failed.
        }
    }
}
