using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.PowerShell.Tests.Handlers.Tasks;

public sealed class ServerTasksTests
{
    [EngineFact]
    public async Task A_script_runs_with_its_arguments_and_its_output_is_the_result()
    {
        await using var site = new TaskSite();
        Assert.Null(site.Tasks.Workers);
        Assert.False(site.Tasks.IsInUse);
        foreach (var (script, arguments, result) in new (string, object?[], string)[]
        {
            ("param($a, [int] $b) $a; $b + 1", ["x", 2], """["x",3]"""),
            ("$args.Count; $args[1]", [1, null], "2"),
            ("", [], "null"),
            ("@{ a = 1 }", [], """{"a":1}"""),
            ("class C { static [int] Two() { return 2 } }; [C]::Two() + $args[0]", [5], "7"),
        })
        {
            var task = await site.EndAsync(site.Start(script, arguments));
            Assert.Equal((HttpTaskStatus.Completed, result), (task.Status, task.Result));
        }

        Assert.Empty(site.Messages(LogLevel.Error));
    }

    [EngineFact]
    public async Task Progress_is_told_while_it_runs()
    {
        await using var site = new TaskSite();
        var task = site.Start("Write-Progress Reading 'file 1' -PercentComplete 10; $Gate.Wait(); 1..10000 | ForEach-Object { Write-Progress Reading -PercentComplete 90 }; 'x'");
        await TaskSite.UntilAsync(() => task.PercentComplete == 10);
        Assert.Equal(("Reading", "file 1", HttpTaskStatus.Running), (task.Activity, task.StatusDescription, task.Status));
        site.Gate.Set();
        await site.EndAsync(task);
        Assert.Equal((100, HttpTaskStatus.Completed), (task.PercentComplete, task.Status));
    }

    [EngineFact]
    public async Task An_error_is_in_the_log_with_its_place_and_the_client_is_told_less()
    {
        await using var site = new TaskSite();
        var task = await site.EndAsync(site.Start("Write-Error 'first'\nGet-Item /nowhere/secret -ErrorAction Stop\n'not reached'"));
        Assert.Equal(HttpTaskStatus.Failed, task.Status);
        Assert.Contains("secret", task.Error, StringComparison.Ordinal);
        Assert.Contains("line 2", task.Error, StringComparison.Ordinal);
        var errors = site.Messages(LogLevel.Error).ToArray();
        Assert.StartsWith("first (line 1", errors[0], StringComparison.Ordinal);
        Assert.Matches(@"^The task Task\d+ failed: Cannot find path .*\(line 2 char 1: Get-Item", errors[1]);
        var (_, problem, status) = TaskRecord.Of(task).Split();
        Assert.Equal(500, status);
        Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(problem!), StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task A_script_may_say_what_the_client_is_told()
    {
        await using var site = new TaskSite();
        var task = await site.EndAsync(site.Start("throw [Http.Server.RequestFaultException]::new(409, 'There is one already')"));
        var (_, problem, status) = TaskRecord.Of(task).Split();
        Assert.Equal(409, status);
        Assert.Contains("There is one already", System.Text.Encoding.UTF8.GetString(problem!), StringComparison.Ordinal);
        Assert.Empty(site.Messages(LogLevel.Error));
    }

    [EngineFact]
    public async Task A_result_that_is_too_long_is_refused()
    {
        await using var site = new TaskSite();
        var task = await site.EndAsync(site.Start("'x' * 5MB"));
        Assert.Equal(HttpTaskStatus.Failed, task.Status);
        Assert.Contains("4194304", task.Error, StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task Those_beyond_the_limit_wait_and_those_beyond_the_queue_are_refused()
    {
        await using var site = new TaskSite(new TaskSettings { Limit = 1, QueueLimit = 1 });
        var first = site.Start("$Gate.Wait()");
        await TaskSite.UntilAsync(() => first.Status == HttpTaskStatus.Running);
        var second = site.Start("2");
        Assert.Equal(HttpTaskStatus.Queued, second.Status);
        Assert.Equal(503, Assert.Throws<RequestFaultException>(() => site.Start("3")).Status);
        Assert.Equal(2, site.Tasks.All().Count);
        site.Gate.Set();
        await site.EndAsync(second);
        Assert.Equal("2", second.Result);
    }

    [EngineFact]
    public async Task One_that_runs_is_stopped_and_one_that_waits_never_begins()
    {
        await using var site = new TaskSite(new TaskSettings { Limit = 1 });
        var running = site.Start("try { while ($true) { } } finally { Write-Warning 'cleaned' }");
        await TaskSite.UntilAsync(() => running.Status == HttpTaskStatus.Running);
        var waiting = site.Start("Write-Warning 'never'");
        site.Tasks.Cancel(waiting);
        await site.EndAsync(waiting);
        Assert.Equal((HttpTaskStatus.Cancelled, null), (waiting.Status, waiting.StartTime));
        Assert.Equal(HttpTaskStatus.Running, running.Status);
        site.Tasks.Cancel(running);
        await site.EndAsync(running);
        Assert.Equal(HttpTaskStatus.Cancelled, running.Status);
        Assert.Contains("cleaned", site.Messages(LogLevel.Warning));
        Assert.DoesNotContain("never", site.Messages(LogLevel.Warning));
        Assert.Empty(site.Messages(LogLevel.Error));
        // The worker goes on, and what has ended stays what it is.
        var next = await site.EndAsync(site.Start("'next'"));
        site.Tasks.Cancel(next);
        Assert.Equal(HttpTaskStatus.Completed, next.Status);
    }

    [EngineFact]
    public async Task One_whose_worker_is_still_being_made_never_begins()
    {
        await using var site = new TaskSite();
        var task = site.Start("while ($true) { }");
        site.Tasks.Cancel(task);
        await site.EndAsync(task);
        Assert.Equal(HttpTaskStatus.Cancelled, task.Status);
    }

    [EngineFact]
    public async Task They_are_known_for_a_time_and_no_more_than_a_number_of_them()
    {
        await using var site = new TaskSite(new TaskSettings { KeepTime = TimeSpan.FromMinutes(1), MaxKept = 2 });
        var tasks = new List<HttpTask>();
        for (var number = 0; number < 3; number++)
            tasks.Add(await site.EndAsync(site.Start("1")));
        Assert.Equal(tasks[1..], site.Tasks.All());
        Assert.Null(site.Tasks.Find(tasks[0].Id));
        site.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(site.Tasks.Find(tasks[1].Id));
        site.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(site.Tasks.Find(tasks[1].Id));
        site.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(site.Tasks.All());
    }

    [EngineFact]
    public async Task Results_take_no_more_than_an_amount_of_memory()
    {
        await using var site = new TaskSite(new TaskSettings { MaxKeptBytes = 1000 });
        var first = await site.EndAsync(site.Start("'x' * 600"));
        var second = await site.EndAsync(site.Start("'x' * 600"));
        Assert.Equal([second], site.Tasks.All());
        Assert.Null(site.Tasks.Find(first.Id));
    }

    [EngineFact]
    public async Task At_the_end_of_the_server_they_have_a_time_and_nothing_new_begins()
    {
        await using var site = new TaskSite();
        var ends = site.Start("$Gate.Wait(); 'ended'");
        await TaskSite.UntilAsync(() => ends.Status == HttpTaskStatus.Running);
        var stopping = site.Tasks.StopAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(503, Assert.Throws<RequestFaultException>(() => site.Start("1")).Status);
        site.Gate.Set();
        await stopping;
        Assert.Equal("\"ended\"", ends.Result);
        await TaskSite.UntilAsync(() => site.Tasks.Workers!.WorkerCount == 0);
    }

    [EngineFact]
    public async Task Those_that_do_not_end_in_that_time_are_stopped()
    {
        await using var site = new TaskSite();
        var task = site.Start("Start-Sleep -Seconds 1000");
        await TaskSite.UntilAsync(() => task.Status == HttpTaskStatus.Running);
        var stopping = site.Tasks.StopAsync(TimeSpan.FromMinutes(1));
        site.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(HttpTaskStatus.Running, task.Status);
        site.Time.Advance(TimeSpan.FromSeconds(1));
        await stopping;
        Assert.Equal((HttpTaskStatus.Failed, 503), (task.Status, TaskRecord.Of(task).Split().Status));
        // The end does not wait for a thread for long: on a busy machine one may end after it.
        await TaskSite.UntilAsync(() => site.Tasks.Workers!.WorkerCount == 0);
    }

    [EngineFact]
    public async Task A_second_call_of_the_end_with_less_time_ends_the_first()
    {
        await using var site = new TaskSite();
        var task = site.Start("Start-Sleep -Seconds 1000");
        await TaskSite.UntilAsync(() => task.Status == HttpTaskStatus.Running);
        var stopping = site.Tasks.StopAsync(TimeSpan.FromDays(1));
        await site.Tasks.StopAsync(TimeSpan.Zero);
        await stopping;
        Assert.Equal(HttpTaskStatus.Failed, task.Status);
    }

    [EngineFact]
    public async Task Servers_that_share_a_store_know_each_others_tasks_and_cancel_them()
    {
        var time = new FakeTimeProvider();
        await using var store = new SharedStore(time);
        await using var here = new TaskSite(store: store, time: time);
        await using var there = new TaskSite(store: store, time: time);
        var task = here.Start("Write-Progress a -PercentComplete 5; while ($true) { Start-Sleep -Milliseconds 10 }", "ada", []);
        // Known from the moment on in which its client learns of it.
        var record = (await there.Tasks.Store.ReadAsync(task.Id))!;
        Assert.Equal(("ada", false), (record.User, record.HasEnded));
        await TaskSite.UntilAsync(() => task.PercentComplete == 5);
        // Told a moment later, and kept alive as long as it runs.
        time.Advance(TimeSpan.FromMilliseconds(200));
        await UntilStoredAsync(there, task, "\"percentComplete\":5");
        for (var minute = 0; minute < 3; minute++)
        {
            time.Advance(TimeSpan.FromSeconds(20));
            time.Advance(TimeSpan.FromSeconds(20));
            time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.NotNull(await there.Tasks.Store.ReadAsync(task.Id));
        Assert.Null(there.Tasks.Find(task.Id));
        await there.Tasks.Store.CancelAsync(task.Id);
        await here.EndAsync(task);
        Assert.Equal(HttpTaskStatus.Cancelled, task.Status);
        record = (await there.Tasks.Store.ReadAsync(task.Id))!;
        Assert.True(record.HasEnded);
        Assert.Equal(410, record.Split().Status);
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(await there.Tasks.Store.ReadAsync(task.Id));
    }

    [EngineFact]
    public async Task A_store_that_is_away_keeps_no_task_from_running_and_learns_of_its_end_later()
    {
        var time = new FakeTimeProvider();
        await using var store = new SharedStore(time) { IsAway = true };
        await using var site = new TaskSite(store: store, time: time);
        var task = await site.EndAsync(site.Start("42"));
        Assert.Equal("42", task.Result);
        Assert.Single(site.Messages(LogLevel.Warning), message => message.Contains("Other servers do not see", StringComparison.Ordinal));
        store.IsAway = false;
        time.Advance(TimeSpan.FromSeconds(20));
        await UntilStoredAsync(site, task, "\"result\":42");
    }

    private static async Task UntilStoredAsync(TaskSite site, HttpTask task, string text)
    {
        for (string? json = null; json?.Contains(text, StringComparison.Ordinal) != true; await Task.Yield())
            json = await site.Tasks.Store.ReadAsync(task.Id) is { } record ? System.Text.Encoding.UTF8.GetString(record.Json) : null;
    }
}
