using System.Globalization;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>Answers requests for a task: its state, its result, its states as events, and the wish to cancel it.</summary>
internal static class TaskAnswer
{
    private const string Json = "application/json; charset=utf-8";

    private const string Problem = "application/problem+json";

    private const string Events = "text/event-stream";

    /// <summary>Time for a task that is cancelled to end before its state is told.</summary>
    private static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(3);

    /// <summary>Answers that a task has been started: 202 with the place where it can be followed.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="task">The task.</param>
    /// <param name="status">The status.</param>
    /// <param name="hasLocation">The handler has given a Location of its own.</param>
    public static void SendStarted(BaseHttpRequestHandler handler, HttpTask task, int status, bool hasLocation)
    {
        var record = TaskRecord.Of(task);
        handler.SendResponse(status);
        if (!hasLocation)
            handler.SendHeader("Location", task.Path);
        SendHead(handler, record.Json, Json, record.HasEnded);
        if (handler.Command != "HEAD")
            handler.Wfile.Write(record.Json);
    }

    /// <summary>Answers a request for a task that is known.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="tasks">The tasks of the server.</param>
    /// <param name="address">What is asked for.</param>
    /// <param name="known">The task, if it is this server's; else null.</param>
    /// <param name="record">Its newest state.</param>
    public static async ValueTask SendAsync(
        BaseHttpRequestHandler handler, ServerTasks tasks, TaskAddress address, KnownTask? known, TaskRecord record)
    {
        if (address.IsResult)
        {
            await SendResultAsync(handler, record).ConfigureAwait(false);
        }
        else if (handler.Command == "DELETE")
        {
            await CancelAsync(handler, tasks, address, known, record).ConfigureAwait(false);
        }
        else if (handler.Headers["Accept"]?.Contains(Events, StringComparison.OrdinalIgnoreCase) != true)
        {
            await SendAsync(handler, 200, record.Json, Json, record.HasEnded).ConfigureAwait(false);
        }
        else if (record.HasEnded && TaskRecord.IsEnd(handler.Headers["Last-Event-ID"]))
        {
            // A browser would come back for ever: this tells it to stay away (WHATWG HTML, section 9.2.3).
            handler.SendResponse(204);
            handler.EndHeaders();
        }
        else if (known is not null)
        {
            known.Publisher.Follow(handler);
        }
        else
        {
            tasks.Follow(handler, address.Id, record);
        }
    }

    private static async ValueTask CancelAsync(
        BaseHttpRequestHandler handler, ServerTasks tasks, TaskAddress address, KnownTask? known, TaskRecord record)
    {
        if (known is not null)
        {
            tasks.Cancel(known.Task);
            await Task.WhenAny(known.Publisher.Ended, Task.Delay(CancelTime)).ConfigureAwait(false);
            record = TaskRecord.Of(known.Task);
        }
        else if (!record.HasEnded)
        {
            await tasks.Store.CancelAsync(address.Id).ConfigureAwait(false);
        }

        // One that does not end yet, or that another server has to end, is on its way to it.
        await SendAsync(handler, record.HasEnded ? 200 : 202, record.Json, Json, record.HasEnded).ConfigureAwait(false);
    }

    private static ValueTask SendResultAsync(BaseHttpRequestHandler handler, TaskRecord record)
    {
        var (result, problem, status) = record.HasEnded ? record.Split() : default;
        return result is not null ? SendAsync(handler, 200, result, Json, hasEnded: true)
            : problem is not null ? SendAsync(handler, status, problem, Problem, hasEnded: true)
            : SendAsync(handler, 202, record.Json, Json, hasEnded: false);
    }

    private static async ValueTask SendAsync(
        BaseHttpRequestHandler handler, int status, byte[] content, string type, bool hasEnded)
    {
        handler.SendResponse(status);
        SendHead(handler, content, type, hasEnded);
        if (handler.Command != "HEAD")
            await handler.Wfile.WriteAsync(content).ConfigureAwait(false);
    }

    private static void SendHead(BaseHttpRequestHandler handler, byte[] content, string type, bool hasEnded)
    {
        handler.SendHeader("Content-Type", type);
        handler.SendHeader("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
        handler.SendHeader("Cache-Control", "no-store");
        if (!hasEnded)
            handler.SendHeader("Retry-After", "1");
        handler.EndHeaders();
    }
}
