using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>Work that begins when a worker comes to it, and ends when the test lets it.</summary>
internal sealed class TestItem : WorkItem
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Action<ScriptWorker>? _work;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _mayEnd = new();

    /// <summary>Work that waits for <see cref="End"/>.</summary>
    public TestItem(WorkGate? gate = null) => Gate = gate;

    public TestItem(Action<ScriptWorker> work, WorkGate? gate = null)
    {
        _work = work;
        Gate = gate;
    }

    public bool IsAnswered { get; set; }

    public override bool HasAnswered => IsAnswered;

    /// <summary>Who does it.</summary>
    public ScriptWorker? Worker { get; private set; }

    public bool HasBegun => _begun.Task.IsCompleted;

    /// <summary>Ends when a worker has begun with it.</summary>
    public Task Begun => _begun.Task.WaitAsync(Patience);

    /// <summary>Ends when it has been asked for a client that has left.</summary>
    public Task Watched => _watched.Task.WaitAsync(Patience);

    /// <summary>Hands the item to a pool.</summary>
    /// <returns>Ends when the item has been completed.</returns>
    public Task RunAsync(WorkerPool pool) => pool.RunAsync(this).AsTask().WaitAsync(Patience);

    /// <summary>The gate of the item's next round.</summary>
    public void Prepare(WorkGate? gate) => Gate = gate;

    public void End() => _mayEnd.Set();

    public override void Execute(ScriptWorker worker)
    {
        Worker = worker;
        _begun.TrySetResult();
        if (_work is not null)
            _work(worker);
        else
            Assert.True(_mayEnd.Wait(Patience));
    }

    public override void Watch(WorkerPool pool) => _watched.TrySetResult();
}
