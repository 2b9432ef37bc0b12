using System.Runtime.InteropServices;
using Http.Server.Hosting;
using Http.Server.Hosting.Services;
using Http.Server.Redis;

namespace Http.Server.Cli;

/// <summary>Starts the server that the settings describe, and stays until it is told to stop.</summary>
internal static class FileServer
{
    /// <summary>For closing files and the log, beyond the time that requests have.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(5);

    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ServerSettings settings)
    {
        try
        {
            await using var hosted = HostedServer.Create(settings, () => MakeLog(settings), RedisStateStore.OpenAsync);
            await ServeAsync(hosted, settings).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is ServerStartException or CannotStartException)
        {
            Terminal.Complain(exception.Message);
            return ExitCode.CannotStart;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            Terminal.Complain("The system gives this process too few threads or too little memory. "
                + "Raise its limits, 'ulimit -u' say, or end other programs.");
            return ExitCode.CannotStart;
        }
    }

    private static async Task ServeAsync(HostedServer hosted, ServerSettings settings)
    {
        var server = hosted.Server;
        using var stop = new CancellationTokenSource();
        var signals = 0;
        var announcement = "";
        ServiceNotifier? notifier = null;
        void Reload(PosixSignalContext context)
        {
            context.Cancel = true;
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                notifier?.Reloading();
                hosted.Reload();
                notifier?.Ready(announcement);
            }, null);
        }

        void Stop(PosixSignalContext context)
        {
            // A second signal ends the drain, if there is one, and the next the process at once.
            var count = Interlocked.Increment(ref signals);
            context.Cancel = count <= (settings.Options.DrainTime > TimeSpan.Zero ? 2 : 1);
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                if (count == 1)
                {
                    notifier?.Stopping(settings.Options.DrainTime + settings.Options.ShutdownGrace + StopReserve);
                    stop.Cancel();
                }
                else
                {
                    _ = server.ShutdownAsync(TimeSpan.Zero);
                }
            }, null);
        }

        // Serving begins first: what follows loads more code, and a client that waits already is answered meanwhile.
        var serving = server.ServeForeverAsync(stop.Token);
        using var hangup = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var memory = new MemoryReturn(() => server.ConnectionCount);
        announcement = Announce(hosted, settings);
        Terminal.Say(announcement);
        using var notifying = notifier = ServiceNotifier.Create(
            () => new ServiceFigures(server.RequestCount, server.ConnectionCount));
        notifier?.Ready(announcement);
        if (!Console.IsOutputRedirected || settings.Qr || settings.Open)
            _ = Welcome.ShowAsync(server, settings);
        await serving.ConfigureAwait(false);
        // Registered tokens must not be cancelled after their source is gone.
        terminate.Dispose();
        interrupt.Dispose();
    }

    private static string Announce(HostedServer hosted, ServerSettings settings)
    {
        var server = hosted.Server;
        var text = Announcement.Make(hosted.Directory, server.EndPoints, server.IsSecure) + Environment.NewLine;
        if (settings.PortAuto && settings.Port != 0 && server.ServerPort != settings.Port && server.ServerPort != 0)
            text += $"Port {settings.Port} is in use: the next free one is {server.ServerPort}.{Environment.NewLine}";
        if (server.MetricsEndPoints.Count > 0)
            text += Announcement.MakeForMetrics(server.MetricsEndPoints, settings.Options.MetricsPath!) + Environment.NewLine;
        if (settings.TlsSelfSigned)
            text += $"The certificate's SHA-256 fingerprint is {hosted.Certificate!.Fingerprint}{Environment.NewLine}";
        return text;
    }

    private static TextLog MakeLog(ServerSettings settings)
    {
        // Asking whether standard error is a terminal loads code of the console, which is not needed if no line is coloured.
        var color = !settings.Quiet && Terminal.HasColor(Console.IsErrorRedirected);
        return new TextLog(Terminal.OpenError(), settings.LogFormat, color, priorities: Journal.IsStandardError())
        {
            WriteRequests = !settings.Quiet,
        };
    }
}
