using System.Globalization;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>The state of a task as JSON.</summary>
internal static class TaskJson
{
    public const string Result = "result";

    /// <summary>The member with problem details (RFC 9457).</summary>
    public const string Error = "error";

    /// <summary>Writes a state.</summary>
    public static byte[] Write(HttpTask task, TaskState state)
    {
        var json = new JsonText();
        json.Open(isArray: false);
        Write(json, "id", task.Id);
        Write(json, "name", task.Name);
        Write(json, "status", state.Status.ToString().ToLowerInvariant());
        json.Name("percentComplete");
        json.Raw(state.PercentComplete is { } percent ? percent.ToString(CultureInfo.InvariantCulture) : "null");
        Write(json, "activity", state.Activity);
        Write(json, "statusDescription", state.StatusDescription);
        Write(json, "created", TimeOf(state.Created));
        Write(json, "started", TimeOf(state.Started));
        Write(json, "ended", TimeOf(state.Ended));
        if (state.Result is { } result)
        {
            json.Name(Result);
            json.Raw(result);
        }

        if (state.Problem is { } problem)
        {
            json.Name(Error);
            Write(json, problem, task.Path);
        }

        json.Close(isArray: false);
        return json.Written.ToArray();
    }

    private static void Write(JsonText json, TaskProblem problem, string path)
    {
        json.Open(isArray: false);
        Write(json, "type", "about:blank");
        Write(json, "title", HttpReasons.PhraseOf(problem.Status));
        json.Name("status");
        json.Raw(problem.Status.ToString(CultureInfo.InvariantCulture));
        Write(json, "detail", problem.Detail);
        Write(json, "instance", path);
        json.Close(isArray: false);
    }

    private static void Write(JsonText json, string name, string? value)
    {
        if (value is null)
            return;
        json.Name(name);
        json.String(value);
    }

    private static string? TimeOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
