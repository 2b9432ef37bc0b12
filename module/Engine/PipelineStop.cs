namespace Http.Server.PowerShell.Engine;

/// <summary>Stops what a shell runs, on a thread of its own.</summary>
/// <remarks>
/// The engine's <c>BeginStop</c> has such a thread too, but what is thrown there ends the process. That is what a script has
/// registered with <c>$PSCmdlet.PipelineStopToken</c>, and an <see cref="ObjectDisposedException"/> where a pipeline ends at the
/// moment that it is stopped.
/// </remarks>
/// <param name="failed">Told of what was thrown, on that thread.</param>
internal sealed class PipelineStop(Action<Exception> failed)
{
    private Shell? _stopping;

    /// <summary>Begins to stop what the shell runs. Asking again does no harm.</summary>
    public void Begin(Shell shell)
    {
        // Stopping a pipeline returns only when the pipeline has ended, so a thread of its own waits for it.
        if (Interlocked.Exchange(ref _stopping, shell) == shell)
            return;
        try
        {
            new Thread(() => Stop(shell)) { IsBackground = true, Name = "HttpServer stop" }.Start();
        }
        catch (OutOfMemoryException)
        {
            // There is no room for a thread just now. It is asked for again soon.
            End(shell);
        }
    }

    private void Stop(Shell shell)
    {
        try
        {
            shell.Stop();
        }
        catch (Exception exception)
        {
            // What is stopped ends all the same: the engine looks before each statement and each command.
            failed(exception);
        }

        End(shell);
    }

    private void End(Shell shell) => Interlocked.CompareExchange(ref _stopping, null, shell);
}
