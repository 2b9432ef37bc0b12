using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Logging;
using Http.Server.State;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>How a task has ended, for its client and for the log.</summary>
internal static class TaskOutcome
{
    /// <summary>The status of a result that will never be there.</summary>
    private const int Gone = 410;

    /// <summary>Ends a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="item">What has run.</param>
    /// <param name="failure">What it has thrown; null if nothing.</param>
    /// <param name="log">The server's log.</param>
    public static void Record(HttpTask task, TaskItem item, Exception? failure, ServerLog log)
    {
        if (failure is null)
        {
            task.Complete(item.Result!);
            return;
        }

        if (item.StopReason == StopReason.Cancelled)
        {
            log.Script(LogLevel.Information, item.Client, item.RequestId, $"{item.Name} was cancelled.");
            task.Fail(HttpTaskStatus.Cancelled, new TaskProblem(Gone, "The task was cancelled."), null);
        }
        else if (failure is RequestFaultException fault)
        {
            // The script says so itself, or the server stops.
            log.Script(LogLevel.Warning, item.Client, item.RequestId, $"{item.Name} ended: {fault.Message}.");
            task.Fail(HttpTaskStatus.Failed, new TaskProblem(fault.Status, fault.Message), fault.Message);
        }
        else
        {
            log.Fault(item.Client, item.RequestId, $"{item.Name} failed", failure);
            var status = failure is HttpStateStoreException ? 503 : 500;
            task.Fail(HttpTaskStatus.Failed,
                new TaskProblem(status, "The task failed. The log of the server has the error."), ErrorText.Of(failure));
        }
    }
}
