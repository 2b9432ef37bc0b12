namespace Http.Server.Cgi;

/// <summary>A running CGI program with its three streams.</summary>
internal abstract class CgiProcess : IAsyncDisposable
{
    /// <summary>Time between asking a program to end and ending it.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(1);

    /// <summary>The program's standard input; disposing it ends the input.</summary>
    public abstract Stream Input { get; }

    public abstract Stream Output { get; }

    public abstract Stream Errors { get; }

    /// <summary>Waits for the end of the program.</summary>
    /// <returns>Its exit code; the negative number of the signal that ended it.</returns>
    public abstract Task<int> WaitAsync();

    /// <summary>Starts a program.</summary>
    /// <param name="command">What is executed.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="identity">Whom it runs as.</param>
    /// <exception cref="CgiStartException">It cannot be started.</exception>
    /// <exception cref="CgiBusyException">It cannot be started now.</exception>
    public static CgiProcess Start(CgiCommand command, string directory, IReadOnlyDictionary<string, string> environment,
        CgiIdentity identity) =>
        OperatingSystem.IsWindows()
            ? new PortableCgiProcess(command, directory, environment)
            : UnixCgiProcess.Start(identity.Wrap(command), directory, environment, identity.UserId);

    /// <summary>Asks the program, and all that it started, to end, and after a while makes them.</summary>
    public async Task EndAsync()
    {
        Signal(kill: false);
        var exit = WaitAsync();
        await Task.WhenAny(exit, Task.Delay(Notice)).ConfigureAwait(false);
        // What the program started may outlive it: the group is ended in any case.
        Signal(kill: true);
        await exit.ConfigureAwait(false);
    }

    /// <summary>Ends the program if it still runs: none outlives its object, and none stays behind as a zombie.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!WaitAsync().IsCompleted)
            await EndAsync().ConfigureAwait(false);
        await Input.DisposeAsync().ConfigureAwait(false);
        await Output.DisposeAsync().ConfigureAwait(false);
        await Errors.DisposeAsync().ConfigureAwait(false);
        Release();
        GC.SuppressFinalize(this);
    }

    protected abstract void Signal(bool kill);

    protected virtual void Release()
    {
    }
}
