using System.Management.Automation;
using System.Text;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.PowerShell.Tests.Handlers.Tasks;

public sealed class HttpTaskTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [EngineFact]
    public void Its_state_as_JSON_has_what_there_is()
    {
        var task = Make();
        Assert.Equal("""{"id":"x1","name":"Import","status":"queued","percentComplete":null,"created":"2026-01-02T03:04:05.000Z"}""", Json(task));
        task.Begin();
        task.Report(Progress(0, 40, "Reading", "file 4"));
        Assert.Equal(
            """{"id":"x1","name":"Import","status":"running","percentComplete":40,"activity":"Reading","statusDescription":"file 4","created":"2026-01-02T03:04:05.000Z","started":"2026-01-02T03:04:05.000Z"}""",
            Json(task));
        _time.Advance(TimeSpan.FromSeconds(1));
        task.Complete(Encoding.UTF8.GetBytes("""{"a":[1]}"""));
        Assert.Equal(
            """{"id":"x1","name":"Import","status":"completed","percentComplete":100,"created":"2026-01-02T03:04:05.000Z","started":"2026-01-02T03:04:05.000Z","ended":"2026-01-02T03:04:06.000Z","result":{"a":[1]}}""",
            Json(task));
    }

    [EngineFact]
    public void A_failure_is_told_as_problem_details()
    {
        var task = Make();
        task.Fail(HttpTaskStatus.Failed, new TaskProblem(409, "There is one."), "There is one. (line 1)");
        Assert.Contains(
            ""","status":"failed","percentComplete":null,"created":"2026-01-02T03:04:05.000Z","ended":"2026-01-02T03:04:05.000Z","error":{"type":"about:blank","title":"Conflict","status":409,"detail":"There is one.","instance":"/tasks/x1"}}""",
            Json(task), StringComparison.Ordinal);
        // What the log says is for those at the prompt.
        Assert.Equal("There is one. (line 1)", task.Error);
    }

    [EngineFact]
    public void Its_own_progress_is_that_of_the_smallest_number()
    {
        var task = Make();
        task.Begin();
        task.Report(Progress(174593042, 10, "Downloading"));
        Assert.Equal(("Downloading", 10), (task.Activity, task.PercentComplete));
        task.Report(Progress(0, 50, "Importing"));
        task.Report(Progress(174593042, 11, "Downloading"));
        task.Report(Progress(1, 12, "Part", parent: 0));
        Assert.Equal(("Importing", 50), (task.Activity, task.PercentComplete));
        task.Report(Progress(0, -1, "Importing"));
        Assert.Null(task.PercentComplete);
        task.Report(Progress(0, 60, "Importing"));
        var end = Progress(0, 60, "Importing");
        end.RecordType = ProgressRecordType.Completed;
        task.Report(end);
        Assert.Equal((null, 60), (task.Activity, task.PercentComplete));
    }

    [EngineFact]
    public void Its_end_stays_and_each_change_is_told_once()
    {
        var task = Make();
        var versions = new List<int>();
        task.Changed = changed => versions.Add(changed.State.Version);
        task.Begin();
        task.Begin();
        task.Report(Progress(0, 1, "a"));
        task.Report(Progress(0, 1, "a"));
        task.Fail(HttpTaskStatus.Cancelled, new TaskProblem(410, "It was cancelled."), null);
        task.Complete("1"u8.ToArray());
        task.Report(Progress(0, 2, "a"));
        Assert.Equal([2, 3, 4], versions);
        Assert.Equal((HttpTaskStatus.Cancelled, null), (task.Status, task.Result));
    }

    [EngineFact]
    public void What_the_store_keeps_of_it_comes_back()
    {
        var task = new HttpTask("x1", "Import", "/tasks/x1", _time) { User = "änna\n\"" };
        var record = TaskRecord.Of(task);
        var read = TaskRecord.Read(record.ToBytes())!;
        Assert.Equal((record.User, record.Version, false, "1"), (read.User, read.Version, read.HasEnded, read.EventId));
        Assert.Equal(record.Json, read.Json);
        Assert.Equal((null, null, 0), read.Split());
        task.Complete("[1]"u8.ToArray());
        read = TaskRecord.Read(TaskRecord.Of(task).ToBytes())!;
        Assert.True(read.HasEnded && TaskRecord.IsEnd(read.EventId));
        Assert.Equal("[1]", Encoding.UTF8.GetString(read.Split().Result!));
        Assert.Null(TaskRecord.Read("other"u8.ToArray()));
        Assert.Null(TaskRecord.Read("[1]\n{}"u8.ToArray()));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, "ada", true)]
    [InlineData("ada", "ada", true)]
    [InlineData("ada", "Ada", false)]
    [InlineData("ada", null, false)]
    public void It_is_for_its_user_alone(string? owner, string? user, bool isFor) =>
        Assert.Equal(isFor, new TaskRecord([], owner, 1, false).IsFor(user is null ? null : new HttpUser(user)));

    private HttpTask Make() => new("x1", "Import", "/tasks/x1", _time);

    private static string Json(HttpTask task) => Encoding.UTF8.GetString(TaskJson.Write(task, task.State));

    private static ProgressRecord Progress(int id, int percent, string activity, string description = "-", int parent = -1) =>
        new(id, activity, description) { PercentComplete = percent, ParentActivityId = parent };
}
