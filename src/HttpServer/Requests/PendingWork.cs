namespace Http.Server.Requests;

/// <summary>The work on an answer that is left when its method has returned; the request ends after it.</summary>
internal sealed class PendingWork
{
    private Task? _task;
    private Func<ValueTask>? _rest;
    private Func<ValueTask>? _switched;

    /// <summary>More of the answer follows, so it is not ended with its method.</summary>
    public bool HasRest => _rest is not null;

    /// <summary>Another protocol takes the connection over when the request has been answered and logged.</summary>
    public bool HasSwitched => _switched is not null;

    /// <summary>Forgets the request before.</summary>
    public void Reset() => (_task, _rest, _switched) = (null, null, null);

    /// <summary>
    /// Adds a task that the request must not end before, for the sake of a method that calls another one without awaiting it: a
    /// PowerShell class cannot await.
    /// </summary>
    public ValueTask Add(ValueTask task)
    {
        if (task.IsCompleted)
            return task;
        _task = task.AsTask();
        return new ValueTask(_task);
    }

    /// <summary>
    /// Has the answer, whose head has been sent, go on after its method: for as long as it likes, on no thread of a
    /// host.
    /// </summary>
    public void ContinueWith(Func<ValueTask> rest) => _rest = rest;

    /// <summary>Has another protocol take the connection over, after the answer that agrees to it (101).</summary>
    public void SwitchTo(Func<ValueTask> serve) => _switched = serve;

    /// <summary>Serves the other protocol, until it ends.</summary>
    public ValueTask ServeSwitchedAsync() => _switched!();

    /// <summary>
    /// Has a task that has been added sent as the rest of the answer, if it is all that a method still waits
    /// for.
    /// </summary>
    /// <param name="method">The method's own task.</param>
    /// <returns>False if the method has more to do, or nothing is left.</returns>
    public bool TryContinueWithTask(Task method)
    {
        if (_task is not { IsCompleted: false } task || !(method.IsCompletedSuccessfully || method == task))
            return false;
        _task = null;
        ContinueWith(() => new ValueTask(task));
        return true;
    }

    /// <summary>Waits for the tasks that the method has left.</summary>
    public Task WaitForTask()
    {
        var task = _task ?? Task.CompletedTask;
        _task = null;
        return task;
    }

    /// <summary>Sends the rest of the answer.</summary>
    public ValueTask SendRestAsync()
    {
        var rest = _rest!;
        _rest = null;
        return rest();
    }
}
