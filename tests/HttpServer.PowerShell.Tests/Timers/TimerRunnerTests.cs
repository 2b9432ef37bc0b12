using System.Management.Automation;
using Http.Server.PowerShell.Tests.Support;
using Http.Server.PowerShell.Timers;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.PowerShell.Tests.Timers;

public sealed class TimerRunnerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 30, TimeSpan.Zero));

    [EngineFact]
    public async Task It_runs_each_time_that_its_interval_has_passed()
    {
        await using var site = new TaskSite(time: _time);
        using var runner = Run(site, "Write-Warning run; 'output is dropped'");
        _time.Advance(Minute - TimeSpan.FromSeconds(1));
        Assert.Equal(0, runner.Timer.Runs);
        for (var run = 1; run <= 3; run++)
        {
            _time.Advance(run == 1 ? TimeSpan.FromSeconds(1) : Minute);
            await runner.Running;
            Assert.Equal((run, 0, false), (runner.Timer.Runs, runner.Timer.Skipped, runner.Timer.IsRunning));
        }

        Assert.Equal(3, site.Messages(LogLevel.Warning).Count());
        Assert.Equal(_time.GetUtcNow() + Minute, runner.Timer.NextRunTime);
        runner.Dispose();
        _time.Advance(Minute);
        Assert.Equal(3, runner.Timer.Runs);
        Assert.Null(runner.Timer.NextRunTime);
        // No task was made of it.
        Assert.Empty(site.Tasks.All());
    }

    [EngineFact]
    public async Task A_run_that_takes_longer_than_the_interval_has_the_next_left_out()
    {
        await using var site = new TaskSite(time: _time);
        using var runner = Run(site, "$Gate.Wait()");
        _time.Advance(Minute);
        await TaskSite.UntilAsync(() => runner.Timer.IsRunning);
        _time.Advance(Minute);
        _time.Advance(Minute);
        Assert.Equal((1, 2), (runner.Timer.Runs, runner.Timer.Skipped));
        site.Gate.Set();
        await runner.Running;
        _time.Advance(Minute);
        await runner.Running;
        Assert.Equal((2, 2), (runner.Timer.Runs, runner.Timer.Skipped));
    }

    [EngineFact]
    public async Task An_error_is_in_the_log_with_its_place_and_the_timer_goes_on()
    {
        await using var site = new TaskSite(time: _time);
        using var runner = Run(site, "\nthrow 'no luck'");
        for (var run = 1; run <= 2; run++)
        {
            _time.Advance(Minute);
            await runner.Running;
        }

        Assert.Equal(2, runner.Timer.Runs);
        Assert.StartsWith("no luck (line 2", runner.Timer.LastError, StringComparison.Ordinal);
        Assert.Equal(2, site.Messages(LogLevel.Error).Count(message => message.StartsWith("The timer Job failed: no luck (line 2", StringComparison.Ordinal)));
    }

    [EngineFact]
    public async Task While_no_server_runs_it_waits_for_the_next_time()
    {
        using var runner = new TimerRunner(Make("1"), static () => null, _time);
        _time.Advance(Minute);
        await runner.Running;
        Assert.Equal(0, runner.Timer.Runs);
        Assert.Equal(_time.GetUtcNow() + Minute, runner.Timer.NextRunTime);
    }

    [EngineFact]
    public async Task A_run_that_the_end_of_the_server_stops_has_not_failed()
    {
        await using var site = new TaskSite(time: _time);
        using var runner = Run(site, "Start-Sleep -Seconds 1000");
        _time.Advance(Minute);
        await TaskSite.UntilAsync(() => runner.Timer.IsRunning);
        await site.Tasks.StopAsync(TimeSpan.Zero);
        await runner.Running;
        Assert.Null(runner.Timer.LastError);
        Assert.Empty(site.Messages(LogLevel.Error));
    }

    [EngineFact]
    public async Task Where_servers_share_a_store_one_of_them_runs_it_each_time_and_runs_do_not_overlap()
    {
        await using var store = new SharedStore(_time);
        await using var one = new TaskSite(store: store, time: _time);
        await using var two = new TaskSite(store: store, time: _time);
        using var here = Run(one, "if (-not $Gate.IsSet) { $Gate.Wait() }");
        using var there = Run(two, "if (-not $Gate.IsSet) { $Gate.Wait() }");
        // At whole minutes, that all servers mean the same.
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 1, 0, TimeSpan.Zero), here.Timer.NextRunTime);
        _time.Advance(TimeSpan.FromSeconds(30));
        await TaskSite.UntilAsync(() => here.Timer.IsRunning || there.Timer.IsRunning);
        var (busy, free) = here.Timer.IsRunning ? (here, there) : (there, here);
        await free.Running;
        // The one that runs holds its right, for however long.
        for (var step = 0; step < 12; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await free.Running;
        }

        Assert.Equal((1, 0, 2), (busy.Timer.Runs, free.Timer.Runs, busy.Timer.Skipped));
        one.Gate.Set();
        two.Gate.Set();
        await busy.Running;
        for (var minute = 0; minute < 5; minute++)
        {
            _time.Advance(Minute);
            await Task.WhenAll(here.Running, there.Running);
        }

        Assert.Equal(6, here.Timer.Runs + there.Timer.Runs);
    }

    [EngineFact]
    public async Task The_right_of_a_server_that_has_vanished_ends()
    {
        await using var store = new SharedStore(_time);
        await using var site = new TaskSite(store: store, time: _time);
        await store.IncrementAsync("timer:JOB:busy", 1, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        using var runner = Run(site, "1");
        _time.Advance(TimeSpan.FromSeconds(29));
        _time.Advance(TimeSpan.FromSeconds(1));
        await runner.Running;
        _time.Advance(Minute);
        await runner.Running;
        Assert.InRange(runner.Timer.Runs, 1, 2);
    }

    [EngineFact]
    public async Task While_the_store_is_away_nobody_runs_it_and_the_log_says_so_once()
    {
        await using var store = new SharedStore(_time) { IsAway = true };
        await using var site = new TaskSite(store: store, time: _time);
        using var runner = Run(site, "1");
        for (var minute = 0; minute < 3; minute++)
        {
            _time.Advance(Minute);
            await runner.Running;
        }

        Assert.Equal(0, runner.Timer.Runs);
        Assert.Equal(["The timer Job did not run: The store is away."], site.Messages(LogLevel.Warning));
        store.IsAway = false;
        _time.Advance(Minute);
        await runner.Running;
        Assert.Equal(1, runner.Timer.Runs);
    }

    [EngineFact]
    public void Timers_of_two_processes_are_the_same_by_their_name_or_else_by_their_text()
    {
        Assert.Equal(Make("1", "Job").Key, Make("2", "JOB").Key);
        Assert.Equal(Make("1", "").Key, Make("1", "").Key);
        Assert.NotEqual(Make("1", "").Key, Make("2", "").Key);
    }

    private static HttpTimer Make(string script, string name = "Job") =>
        new(2_000_000, name, ScriptBlock.Create(script), null, new TimerSchedule(Minute, null));

    private TimerRunner Run(TaskSite site, string script) => new(Make(script), () => site.Tasks, _time);
}
