using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Logging;
using Http.Server.State;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>The tasks of a server without the server, by a clock that the test sets.</summary>
internal sealed class TaskSite : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static int LastId = 1_000_000;

    public TaskSite(TaskSettings? settings = null, IHttpStateStore? store = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider();
        var setup = new WorkerSetup
        {
            Log = Log,
            Location = AppContext.BaseDirectory,
            Variables = new Dictionary<string, object?> { ["Gate"] = Gate },
        };
        Tasks = new ServerTasks("test", settings ?? new TaskSettings(), setup, store ?? new MemoryStateStore(), Time);
    }

    public FakeTimeProvider Time { get; }

    public ServerLog Log { get; } = new("test", null, isQuiet: false);

    /// <summary>What scripts wait for: <c>$Gate.Wait()</c> until the test sets it.</summary>
    public ManualResetEventSlim Gate { get; } = new();

    public ServerTasks Tasks { get; }

    /// <summary>The messages of the log, of a level.</summary>
    public IEnumerable<string> Messages(LogLevel level) =>
        Log.Read(keep: true).Where(entry => entry.Level == level).Select(static entry => entry.Message!);

    public HttpTask Start(string script, params object?[] arguments) => Start(script, null, arguments);

    public HttpTask Start(string script, string? user, object?[] arguments) =>
        Tasks.Start(new TaskRequest(ScriptOf(script), arguments, "") { User = user });

    /// <summary>Waits until a task has ended and has been told of.</summary>
    public async Task<HttpTask> EndAsync(HttpTask task)
    {
        await Tasks.Find(task.Id)!.Publisher.Ended.WaitAsync(Patience);
        return task;
    }

    /// <summary>Waits until something holds of a task, which takes only moments.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public static CallableScript ScriptOf(string script) =>
        new(Interlocked.Increment(ref LastId), ScriptBlock.Create(script), HandlerBody.Make, new ScriptParameters());

    public async ValueTask DisposeAsync()
    {
        Gate.Set();
        await Tasks.StopAsync(TimeSpan.Zero);
        Log.Dispose();
    }
}
