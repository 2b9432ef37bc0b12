using System.Collections.Concurrent;
using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine;

public sealed class WorkerPoolTests
{
    [EngineFact]
    public async Task Items_are_done_in_the_order_they_came()
    {
        await using var site = new WorkerSite();
        var order = new ConcurrentQueue<int>();
        var first = new TestItem();
        List<Task> tasks = [first.RunAsync(site.Pool)];
        await first.Begun;
        tasks.AddRange(Enumerable.Range(1, 50).Select(number => new TestItem(_ => order.Enqueue(number)).RunAsync(site.Pool)));
        first.End();
        await Task.WhenAll(tasks);
        Assert.Equal(Enumerable.Range(1, 50), order);
    }

    [EngineFact]
    public async Task Workers_are_made_as_they_are_needed_and_no_more_than_the_limit()
    {
        await using var site = new WorkerSite(throttle: 2);
        Assert.Equal(0, site.Pool.WorkerCount);
        TestItem one = new(), two = new(), three = new();
        Task[] tasks = [one.RunAsync(site.Pool), two.RunAsync(site.Pool), three.RunAsync(site.Pool)];
        await Task.WhenAll(one.Begun, two.Begun);
        Assert.Equal(2, site.Pool.WorkerCount);
        Assert.False(three.HasBegun);
        two.End();
        await three.Begun;
        Assert.False(tasks[0].IsCompleted);
        one.End();
        three.End();
        await Task.WhenAll(tasks);
        Assert.Equal(2, site.Pool.WorkerCount);
    }

    [EngineFact]
    public async Task What_the_queue_cannot_hold_is_refused_with_503()
    {
        await using var site = new WorkerSite(queueLimit: 1);
        TestItem running = new(), waiting = new(), refused = new();
        Task[] tasks = [running.RunAsync(site.Pool), waiting.RunAsync(site.Pool)];
        var fault = await Assert.ThrowsAsync<RequestFaultException>(() => refused.RunAsync(site.Pool));
        Assert.Equal(503, fault.Status);
        running.End();
        waiting.End();
        await Task.WhenAll(tasks);
        // It can be handed in again.
        refused.End();
        await refused.RunAsync(site.Pool);
    }

    [EngineFact]
    public async Task Without_a_queue_there_is_work_for_workers_alone()
    {
        await using var site = new WorkerSite(throttle: 2, queueLimit: 0);
        TestItem one = new(), two = new();
        Task[] tasks = [one.RunAsync(site.Pool), two.RunAsync(site.Pool)];
        await Assert.ThrowsAsync<RequestFaultException>(() => new TestItem().RunAsync(site.Pool));
        one.End();
        two.End();
        await Task.WhenAll(tasks);
    }

    [EngineFact]
    public async Task A_handler_at_its_own_limit_holds_up_nobody_else()
    {
        await using var site = new WorkerSite(throttle: 2);
        var gate = new WorkGate(1);
        TestItem limited = new(gate), next = new(gate), other = new(static _ => { });
        Task[] tasks = [limited.RunAsync(site.Pool), next.RunAsync(site.Pool)];
        await limited.Begun;
        await other.RunAsync(site.Pool);
        Assert.False(next.HasBegun);
        limited.End();
        await next.Begun;
        next.End();
        await Task.WhenAll(tasks);
    }

    /// <summary>A connection has one item for all its requests, and the next may begin before the worker is through with the last.</summary>
    [EngineFact]
    public async Task A_gate_is_left_though_the_item_has_gone_on_to_another()
    {
        await using var site = new WorkerSite(throttle: 2);
        var gate = new WorkGate(1);
        var item = new TestItem(static _ => { }, gate);
        // On the worker's own thread, as the connection does it.
        await site.Pool.RunAsync(item).ConfigureAwait(false);
        item.Prepare(null);
        await site.Pool.RunAsync(item).ConfigureAwait(false);
        await new TestItem(static _ => { }, gate).RunAsync(site.Pool);
    }

    [EngineFact]
    public async Task A_failure_reaches_who_waits_and_the_worker_goes_on()
    {
        await using var site = new WorkerSite();
        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => new TestItem(_ => throw new InvalidDataException("no")).RunAsync(site.Pool));
        Assert.Equal("no", exception.Message);
        Assert.Equal("1", await site.RunAsync("1"));
        Assert.Equal(1, site.Pool.WorkerCount);
    }

    [EngineTheory]
    [InlineData(nameof(StopReason.Timeout), 504)]
    [InlineData(nameof(StopReason.ClientGone), 499)]
    [InlineData(nameof(StopReason.ServerStopping), 503)]
    public async Task What_is_stopped_while_it_waits_never_begins(string reason, int status)
    {
        await using var site = new WorkerSite();
        TestItem running = new(), waiting = new();
        Task[] tasks = [running.RunAsync(site.Pool), waiting.RunAsync(site.Pool)];
        await running.Begun;
        site.Pool.Stop(waiting, Enum.Parse<StopReason>(reason));
        running.End();
        Assert.Equal(status, (await Assert.ThrowsAsync<RequestFaultException>(() => tasks[1])).Status);
        Assert.False(waiting.HasBegun);
        await tasks[0];
    }

    [EngineTheory]
    [InlineData("while ($true) { }")]
    [InlineData("Start-Sleep 1000")]
    [InlineData("while ($true) { try { Start-Sleep 1000 } finally { } }")]
    [InlineData("1..1000000000 | ForEach-Object { } ")]
    public async Task A_script_that_runs_is_stopped_and_its_worker_goes_on(string script)
    {
        await using var site = new WorkerSite();
        using var begun = new ManualResetEventSlim();
        var item = new ScriptItem($"$this.Set(); {script}") { This = begun };
        var task = site.Pool.RunAsync(item).AsTask();
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        site.Pool.Stop(item, StopReason.ClientGone);
        Assert.Equal(499, (await Assert.ThrowsAsync<RequestFaultException>(() => task)).Status);
        Assert.Equal("1", await site.RunAsync("1"));
        Assert.Equal(1, site.Pool.WorkerCount);
    }

    [EngineFact]
    public async Task A_script_that_does_not_begin_to_answer_in_time_is_stopped_with_504()
    {
        await using var site = new WorkerSite(handlerTimeout: TimeSpan.FromHours(1));
        using var begun = new ManualResetEventSlim();
        var item = new ScriptItem("$this.Set(); while ($true) { }") { This = begun };
        var task = site.Pool.RunAsync(item).AsTask();
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        item.Since -= (long)TimeSpan.FromHours(2).TotalMilliseconds;
        var fault = await Assert.ThrowsAsync<RequestFaultException>(() => task);
        Assert.Equal(504, fault.Status);
        var entry = Assert.Single(site.Log.Read(keep: true));
        Assert.Equal((LogLevel.Warning, item.RequestId, item.Client), (entry.Level, entry.RequestId, entry.Client));
        Assert.Contains("-HandlerTimeout", entry.Message, StringComparison.Ordinal);
    }

    [EngineTheory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Who_has_begun_to_answer_or_has_any_time_is_only_watched(bool isAnswered, int limit)
    {
        await using var site = new WorkerSite(handlerTimeout: TimeSpan.FromHours(limit));
        var item = new TestItem { IsAnswered = isAnswered };
        var task = item.RunAsync(site.Pool);
        await item.Begun;
        item.Since -= (long)TimeSpan.FromHours(2).TotalMilliseconds;
        await item.Watched;
        Assert.Equal(StopReason.None, item.StopReason);
        item.End();
        await task;
    }

    [EngineFact]
    public async Task What_waits_long_is_watched_for_a_client_that_leaves()
    {
        await using var site = new WorkerSite();
        TestItem running = new(), waiting = new();
        Task[] tasks = [running.RunAsync(site.Pool), waiting.RunAsync(site.Pool)];
        waiting.Since -= 10_000;
        await waiting.Watched;
        running.End();
        waiting.End();
        await Task.WhenAll(tasks);
    }

    [EngineFact]
    public async Task A_worker_in_a_call_that_cannot_be_stopped_is_given_up_and_replaced()
    {
        await using var site = new WorkerSite();
        var gate = new WorkGate(1);
        TestItem stuck = new(gate), waiting = new(gate);
        Task[] tasks = [stuck.RunAsync(site.Pool), waiting.RunAsync(site.Pool)];
        await stuck.Begun;
        site.Pool.Stop(stuck, StopReason.Timeout);
        stuck.StopAskedAt -= (long)TimeSpan.FromHours(1).TotalMilliseconds;
        Assert.Equal(504, (await Assert.ThrowsAsync<RequestFaultException>(() => tasks[0])).Status);
        await waiting.Begun;
        Assert.Equal(1, site.Pool.WorkerCount);
        Assert.Contains(site.Log.Read(keep: true), entry => entry.Level == LogLevel.Error && entry.Message!.Contains("cannot be stopped", StringComparison.Ordinal));

        // The thread comes back after all: the gate that was left for it must not be left again.
        stuck.End();
        await stuck.Worker!.Ended;
        waiting.End();
        await tasks[1];
        await site.DisposeAsync();
        Assert.True(gate.TryEnter());
        Assert.False(gate.TryEnter());
    }

    [EngineFact]
    public async Task Stopping_ends_what_runs_and_what_waits_and_all_workers()
    {
        var site = new WorkerSite();
        using var begun = new ManualResetEventSlim();
        var running = new ScriptItem("$this.Set(); while ($true) { }") { This = begun };
        var waiting = new TestItem();
        Task[] tasks = [site.Pool.RunAsync(running).AsTask(), waiting.RunAsync(site.Pool)];
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await site.DisposeAsync();
        foreach (var task in tasks)
            Assert.Equal(503, (await Assert.ThrowsAsync<RequestFaultException>(() => task)).Status);
        Assert.False(waiting.HasBegun);
        Assert.Equal(0, site.Pool.WorkerCount);
        Assert.Equal(503, (await Assert.ThrowsAsync<RequestFaultException>(() => new TestItem().RunAsync(site.Pool))).Status);
    }

    [EngineFact]
    public async Task What_came_while_its_worker_was_being_made_is_not_forgotten_when_the_pool_stops()
    {
        using var making = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var site = new WorkerSite(configure: setup => setup with
        {
            Opened = _ =>
            {
                making.Set();
                goOn.Wait(TimeSpan.FromSeconds(30));
            },
        });
        var task = new TestItem().RunAsync(site.Pool);
        Assert.True(making.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var stopping = site.Pool.StopAsync(TimeSpan.FromSeconds(30));
        goOn.Set();
        Assert.Equal(503, (await Assert.ThrowsAsync<RequestFaultException>(() => task)).Status);
        await stopping;
    }

    [EngineFact]
    public async Task What_is_wrong_with_the_setup_is_known_before_the_first_request()
    {
        await using var site = new WorkerSite(configure: setup => setup with { InitializationScript = ScriptBlock.Create("throw 'no database'") });
        var exception = Assert.Throws<WorkerStartException>(site.Pool.Warm);
        Assert.Contains("no database", exception.Message, StringComparison.Ordinal);
        Assert.Equal("InitializationScriptFailed", exception.ToErrorRecord().FullyQualifiedErrorId);
    }

    [EngineFact]
    public async Task A_worker_that_cannot_be_made_fails_what_waits_for_it_and_leaves_its_gate()
    {
        var fails = true;
        await using var site = new WorkerSite(configure: setup => setup with
        {
            Opened = _ =>
            {
                if (fails)
                    throw new WorkerStartException("no memory", "NoMemory", null);
            },
        });
        var gate = new WorkGate(1);
        Task[] tasks = [new TestItem(gate).RunAsync(site.Pool), new TestItem(gate).RunAsync(site.Pool)];
        foreach (var task in tasks)
            await Assert.ThrowsAsync<WorkerStartException>(() => task);
        fails = false;
        await new TestItem(static _ => { }, gate).RunAsync(site.Pool);
    }

    [EngineTheory]
    [InlineData("Set-Variable {0} x -Scope Global -Option ReadOnly")]
    [InlineData("Remove-Variable {0} -Scope Global -Force; New-Variable {0} x -Scope Global -Option Constant")]
    [InlineData("Remove-Variable {0} -Scope Global -Force")]
    public async Task A_handler_that_locks_what_the_worker_needs_costs_no_worker(string script)
    {
        await using var site = new WorkerSite();
        const string Probe = "[Environment]::CurrentManagedThreadId";
        var thread = await site.RunAsync(Probe);
        foreach (var name in new[] { "Request", "Response" })
        {
            await site.RunAsync(script.Replace("{0}", name, StringComparison.Ordinal));
            Assert.Equal(thread, await site.RunAsync(Probe));
        }

        Assert.Equal("-", await site.RunAsync("\"$global:Request-$global:Response\""));
        Assert.DoesNotContain(site.Log.Read(keep: true), entry => entry.Level == LogLevel.Error);
    }

    [EngineFact]
    public async Task Warming_makes_a_worker_that_the_first_item_takes()
    {
        await using var site = new WorkerSite();
        site.Pool.Warm();
        Assert.Equal(1, site.Pool.WorkerCount);
        await site.RunAsync("1");
        Assert.Equal(1, site.Pool.WorkerCount);
    }

    [EngineFact]
    public async Task A_worker_is_made_in_the_background_and_the_first_item_waits_for_it()
    {
        using var goOn = new ManualResetEventSlim();
        await using var site = new WorkerSite(throttle: 4, configure: setup => setup with
        {
            Opened = _ => Assert.True(goOn.Wait(TimeSpan.FromSeconds(30))),
        });
        site.Pool.BeginWarming();
        Assert.Equal(1, site.Pool.WorkerCount);
        site.Pool.BeginWarming();
        var first = site.RunAsync("1");
        Assert.Equal(1, site.Pool.WorkerCount);
        goOn.Set();
        Assert.Equal("1", await first);
        Assert.Equal(1, site.Pool.WorkerCount);
    }

    [EngineFact]
    public async Task What_fails_in_the_background_is_silent_and_fails_the_next_item_as_without_warming()
    {
        using var tried = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        await using var site = new WorkerSite(configure: setup => setup with
        {
            Opened = _ =>
            {
                tried.Set();
                Assert.True(goOn.Wait(TimeSpan.FromSeconds(30)));
                throw new WorkerStartException("no memory", "NoMemory", null);
            },
        });
        site.Pool.BeginWarming();
        Assert.True(tried.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var worker = Assert.Single(site.Pool.List(0).Workers);
        goOn.Set();
        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(0, site.Pool.WorkerCount);
        Assert.Empty(site.Log.Read(keep: true));
        Assert.Equal("no memory", (await Assert.ThrowsAsync<WorkerStartException>(() => site.RunAsync("1"))).Message);
        Assert.Contains(site.Log.Read(keep: true), static entry => entry.Message!.Contains("no memory", StringComparison.Ordinal));
    }

    [EngineTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stopping_ends_a_worker_that_is_still_being_made(bool waitsUntilMade)
    {
        using var making = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var site = new WorkerSite(configure: setup => setup with
        {
            Opened = _ =>
            {
                making.Set();
                Assert.True(goOn.Wait(TimeSpan.FromSeconds(30)));
            },
        });
        site.Pool.BeginWarming();
        var worker = Assert.Single(site.Pool.List(0).Workers);
        if (waitsUntilMade)
            Assert.True(making.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var stopping = site.Pool.StopAsync(TimeSpan.FromSeconds(30));
        Assert.False(worker.Ended.IsCompleted);
        goOn.Set();
        await stopping;
        Assert.True(worker.Ended.IsCompleted);
        site.Pool.BeginWarming();
        Assert.Equal(0, site.Pool.WorkerCount);
    }

    [EngineFact]
    public async Task A_worker_rehearses_until_its_first_item_comes_and_tells_of_none()
    {
        using var goOn = new ManualResetEventSlim();
        TestItem one = new(static _ => throw new InvalidDataException("rehearsed")), two = new(_ => Assert.True(goOn.Wait(TimeSpan.FromSeconds(30)))), three = new();
        await using var site = new WorkerSite(configure: setup => setup with { MakeRehearsals = () => [one, two, three] });
        site.Pool.BeginWarming();
        await two.Begun;
        var first = site.RunAsync("1");
        goOn.Set();
        Assert.Equal("1", await first);
        Assert.True(one.HasBegun);
        // An item goes before what is left to rehearse.
        three.End();
        await three.Begun;
        Assert.Equal(1, site.Pool.WorkerCount);
        Assert.Empty(site.Log.Read(keep: true));
    }
}
