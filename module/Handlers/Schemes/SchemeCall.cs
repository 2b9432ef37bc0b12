using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Handlers.Schemes;

/// <summary>
/// A credential on its way through the scriptblock of a scheme. The block sees the credential alone, for what it decides is
/// remembered for other requests.
/// </summary>
/// <param name="script">The scriptblock.</param>
/// <param name="credential">What its parameter takes.</param>
internal sealed class SchemeCall(CallableScript script, object credential) : WorkItem, IScriptContext
{
    public override CallableScript Script => script;

    public override bool HasAnswered => false;

    public object? This => null;

    /// <summary>A block's first parameter takes what a handler's takes, the request.</summary>
    public object Request => credential;

    public object? Response => null;

    public string? RequestId => null;

    public string? Client => null;

    private HttpUser? User { get; set; }

    /// <summary>Has a worker call the block.</summary>
    /// <param name="pool">The workers of the server.</param>
    /// <param name="cancellationToken">The client has left.</param>
    /// <returns>Null if the credential is refused.</returns>
    public async ValueTask<HttpUser?> RunAsync(WorkerPool pool, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(_ => pool.Stop(this, StopReason.ClientGone), null).ConfigureAwait(false))
            await pool.RunAsync(this).ConfigureAwait(false);
        // The request goes on, to send a file say, for which a worker's thread is not there.
        await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
        return User;
    }

    public override void Execute(ScriptWorker worker)
    {
        try
        {
            User = UserOutput.Read(worker.Call(script, this));
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
        // The request that waits watches its client.
    }
}
