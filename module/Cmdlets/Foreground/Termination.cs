using System.Management.Automation;
using System.Runtime.InteropServices;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets.Foreground;

/// <summary>
/// SIGTERM while a cmdlet waits in the foreground: what service managers and containers end a program with. Left to the runtime
/// it would end PowerShell at once, with requests cut off and no <c>finally</c> block run.
/// </summary>
internal sealed class Termination : IDisposable
{
    /// <summary>The time for running requests; that of <see cref="StopHttpServerCommand"/>.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _again = new();
    private readonly PosixSignalRegistration _registration;
    private readonly Action _wake;
    private int _count;

    /// <param name="wake">Has the cmdlet look.</param>
    public Termination(Action wake)
    {
        _wake = wake;
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public bool IsAsked => Volatile.Read(ref _count) > 0;

    /// <summary>
    /// Ends servers as a service manager wants it: with their drain time and the time for running requests. A second
    /// signal ends both.
    /// </summary>
    public async Task StopAsync(IReadOnlyList<HttpServerInstance> servers)
    {
        ServiceNotices.TellStopping(Grace);
        var stopping = Task.WhenAll(servers.Select(static server => Task.Run(() => server.StopAsync(Grace))));
        var again = Task.Delay(Timeout.InfiniteTimeSpan, _again.Token);
        if (await Task.WhenAny(stopping, again).ConfigureAwait(false) != stopping)
            await Task.WhenAll(servers.Select(static server => server.StopAsync(TimeSpan.Zero))).ConfigureAwait(false);
        await stopping.ConfigureAwait(false);
    }

    /// <summary>Ends the script with exit code 0, and the session with it; <c>finally</c> blocks run.</summary>
    public static void Leave(PSCmdlet cmdlet)
    {
        cmdlet.Host.SetShouldExit(0);
        cmdlet.InvokeCommand.InvokeScript("exit 0");
    }

    public void Dispose()
    {
        _registration.Dispose();
        _again.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
            _again.Cancel();
        _wake();
    }
}
