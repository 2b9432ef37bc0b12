using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>
/// A script that runs for no request: for a task, or for a timer. It has a pipeline of its own, for it may take long.
/// </summary>
/// <param name="script">The script, whose parameters take the arguments in their order.</param>
/// <param name="arguments">The arguments.</param>
internal sealed class TaskItem(CallableScript script, IReadOnlyList<object?> arguments) : WorkItem, IScriptContext
{
    /// <summary>Longest result, in bytes of JSON. A longer one belongs into a file, of which the result tells.</summary>
    public const int MaxResult = 4 << 20;

    private volatile bool _isCancelled;

    /// <summary>What the log calls it.</summary>
    public required string Name { get; init; }

    public required string RequestId { get; init; }

    public string? Client { get; init; }

    public string? User { get; init; }

    public IReadOnlyList<string> Schemes { get; init; } = [];

    /// <summary>The task, which is told how it goes; null for a run of a timer, whose output nobody asks for.</summary>
    public HttpTask? Task { get; set; }

    /// <summary>What the script has put out, as JSON; null before its end.</summary>
    public byte[]? Result { get; private set; }

    public override bool HasAnswered => false;

    public object? This => null;

    public object? Request => null;

    public object? Response => null;

    public IReadOnlyList<object?> Arguments => arguments;

    public void Report(ProgressRecord progress) => Task?.Report(progress);

    /// <summary>
    /// Keeps the script from beginning: a worker that is still being made has it already, and does not run it yet.
    /// </summary>
    public void Cancel() => _isCancelled = true;

    public override void Execute(ScriptWorker worker)
    {
        if (_isCancelled)
        {
            StopReason = StopReason.Cancelled;
            throw new OperationCanceledException();
        }

        try
        {
            Task?.Begin();
            // The list of a call is emptied for the next, which may write a part of the result.
            List<PSObject> output = [.. worker.Call(script, this).Where(static value => value?.BaseObject is not null)];
            if (Task is null)
                return;
            Result = output.Count == 0 ? "null"u8.ToArray() : JsonOutput.Write(JsonNodes.Join(output), worker);
            if (Result.Length > MaxResult)
                throw new InvalidOperationException($"The result has {Result.Length} bytes as JSON, of at most {MaxResult}: keep "
                    + "it in a file or a store, and put out where it is.");
        }
        catch (Exception exception)
        {
            var told = AnswerException.Wrap(exception, script.Place, script.PlaceOf);
            if (told == exception)
                throw;
            throw told;
        }
    }

    public override void Watch(WorkerPool pool)
    {
        // No client waits for it.
    }
}
