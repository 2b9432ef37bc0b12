using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.Host.Consoles;
using Http.Server.Host.Scripts;

namespace Http.Server.Host;

/// <summary>A pipeline that runs in a session; errors that do not end it go to standard error as they come.</summary>
internal sealed class SessionRun : IDisposable
{
    private readonly Shell _shell = Shell.Create();
    private readonly ConsoleHost _host;
    private readonly IAsyncResult _running;

    public SessionRun(Runspace runspace, ConsoleHost host, Action<Shell> prepare)
    {
        (_host, _shell.Runspace) = (host, runspace);
        var errors = _shell.Streams.Error;
        errors.DataAdded += (_, added) => Streams.Report(ScriptError.Of(errors[added.Index]));
        prepare(_shell);
        _running = _shell.BeginInvoke<PSObject>(null);
    }

    /// <summary>Set when it has ended by itself or has been stopped.</summary>
    public WaitHandle Ended => _running.AsyncWaitHandle;

    /// <summary>Stops it, and waits for its <c>finally</c> blocks, for the drain time and 0.5 seconds at most.</summary>
    public void Stop()
    {
        var patience = Stopping.DrainTime() + Stopping.Patience;
        new Thread(StopShell) { IsBackground = true, Name = "HttpServer stop" }.Start();
        Ended.WaitOne(patience);
    }

    /// <summary>
    /// Stops the pipeline and waits for its end, so it has a thread of its own. BeginStop would not wait, but an exception
    /// of it ends the process.
    /// </summary>
    private void StopShell()
    {
        try
        {
            _shell.Stop();
        }
        catch (Exception exception)
        {
            Streams.Complain(exception is AggregateException { InnerException: { } inner } ? inner.Message : exception.Message);
        }
    }

    /// <summary>Takes the result of the pipeline, which has ended, and writes the error that ended it, if one did.</summary>
    /// <returns>The exit code, if <c>exit</c> or an error has decided it.</returns>
    public int? Finish()
    {
        try
        {
            _shell.EndInvoke(_running);
            return _host.ExitCode;
        }
        catch (RuntimeException exception)
        {
            Streams.Complain(ScriptError.Of(exception));
            // An error of the binder that has no position in a script is about words of the command line.
            var hasPosition = exception.ErrorRecord.InvocationInfo is { ScriptLineNumber: > 0 };
            return exception is ParameterBindingException && !hasPosition ? ExitCode.Usage : ExitCode.Failure;
        }
    }

    /// <summary>A pipeline that still runs is not disposed of, for that would wait for it; it ends with the process.</summary>
    public void Dispose()
    {
        if (_running.IsCompleted)
            _shell.Dispose();
    }
}
