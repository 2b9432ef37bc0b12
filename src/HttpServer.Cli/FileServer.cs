using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Http.Server.Cli;

/// <summary>Starts the server that the settings describe, and stays until it is told to stop.</summary>
internal static class FileServer
{
    /// <summary>More free-standing servers than anybody runs at one machine.</summary>
    private const int PortAttempts = 100;

    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ServeSettings settings)
    {
        TextLog? log = null;
        try
        {
            var directory = CheckDirectory(settings.Directory);
            var handler = MakeHandler(settings, directory, authentication: null);
            CheckHandler(handler, settings);
            log = OpenLog(settings);
            IReadOnlyList<EndPoint> addresses = settings.Bind.Count <= 1
                ? BindAddress.Resolve(settings.Bind.Count == 0 ? null : settings.Bind[0], settings.Port)
                : [.. settings.Bind.SelectMany(text => BindAddress.Resolve(text, settings.Port)).Distinct()];
            var certificate = Certificates.Find(settings);
            if (certificate?.FindWeakness() is { } weakness)
                log.Message(LogLevel.Warning, null, weakness);
            var authentication = Users.Find(settings, addresses, directory, log);
            var options = MakeOptions(settings, log);
            BaseHttpRequestHandler CreateHandler() => MakeHandler(settings, directory, authentication);
            await using Server.HttpServer server = certificate is null
                ? new ThreadingHttpServer(addresses, CreateHandler, options)
                : new ThreadingHttpsServer(addresses, CreateHandler, certificate, options);
            void Reload(Server.HttpServer current)
            {
                // First of all, so that what is said about the rest stands in the new file.
                log.Reopen();
                authentication?.Reload(log);
                current.ReloadCertificate();
            }

            // Beside the first requests: a large directory takes a while.
            _ = handler.RemoveAbandonedUploadsAsync(log);
            var fingerprint = settings.TlsSelfSigned ? $"The certificate's SHA-256 fingerprint is {certificate!.Fingerprint}{Environment.NewLine}" : "";
            await ServeAsync(server, settings, Reload, () => Announcement.Make(directory, server) + ExplainPort(settings, server) + fingerprint).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is ServerStartException or CannotStartException)
        {
            Terminal.Complain(exception.Message);
            return ExitCode.CannotStart;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            Terminal.Complain("The system gives this process too few threads or too little memory. Raise its limits, 'ulimit -u' say, or end other programs.");
            return ExitCode.CannotStart;
        }
        finally
        {
            log?.Dispose();
        }
    }

    private static async Task ServeAsync(Server.HttpServer server, ServeSettings settings, Action<Server.HttpServer> reload, Func<string> announce)
    {
        using var stop = new CancellationTokenSource();
        var signals = 0;
        void Reload(PosixSignalContext context)
        {
            context.Cancel = true;
            ThreadPool.UnsafeQueueUserWorkItem(_ => reload(server), null);
        }

        void Stop(PosixSignalContext context)
        {
            // A second signal ends the drain, if there is one, and the next the process at once.
            var count = Interlocked.Increment(ref signals);
            context.Cancel = count <= (settings.DrainSeconds > 0 ? 2 : 1);
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                if (count == 1)
                    stop.Cancel();
                else
                    _ = server.ShutdownAsync(TimeSpan.Zero);
            }, null);
        }

        // The first client is answered while the rest is loaded and said.
        var serving = server.ServeForeverAsync(stop.Token);
        using var hangup = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var memory = new MemoryReturn(server);
        Terminal.Say(announce());
        if (!Console.IsOutputRedirected || settings.Qr || settings.Open)
            _ = Welcome.ShowAsync(server, settings);
        await serving.ConfigureAwait(false);
        // Registered tokens must not be cancelled after their source is gone.
        terminate.Dispose();
        interrupt.Dispose();
    }

    private static string ExplainPort(ServeSettings settings, Server.HttpServer server) => settings.Port != 0 && server.ServerPort != settings.Port && server.ServerPort != 0
        ? $"Port {settings.Port} is in use: the next free one is {server.ServerPort}.{Environment.NewLine}"
        : "";

    private static HttpServerOptions MakeOptions(ServeSettings settings, TextLog log)
    {
        var options = new HttpServerOptions { Log = log, PortAttempts = settings.PortAuto ? PortAttempts : 1 };
        if (settings.MaxConnections is { } connections)
            options = options with { MaxConnections = connections };
        if (settings.MaxBodySize is { } size)
            options = options with { MaxRequestBodySize = size };
        if (settings.HealthPath is not null || settings.DrainSeconds > 0)
            options = options with { HealthPath = settings.HealthPath, DrainTime = TimeSpan.FromSeconds(settings.DrainSeconds) };
        return settings.TrustedProxies.Count == 0
            ? options
            : options with { TrustedProxies = [.. settings.TrustedProxies.Select(TrustedProxy.Parse)], ProxyProtocol = settings.ProxyProtocol };
    }

    private static SimpleHttpRequestHandler MakeHandler(ServeSettings settings, string directory, BasicAuthentication? authentication)
    {
        var handler = settings.Cgi ? MakeCgiHandler(settings) : new SimpleHttpRequestHandler();
        handler.Directory = directory;
        handler.Authentication = authentication;
        handler.ProtocolVersion = settings.Protocol;
        handler.ExtraHeaders = settings.Headers;
        handler.DefaultContentType = settings.ContentType ?? MimeTypes.Default;
        handler.Symlinks = settings.Symlinks;
        handler.HideDotfiles = settings.HideDotfiles;
        handler.Compression = settings.Compression;
        if (settings.CacheSeconds is { } seconds)
            handler.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={seconds}");
        handler.ImmutableFiles = settings.ImmutableFiles;
        handler.Hsts = settings.Hsts;
        handler.CorsOrigins = settings.CorsOrigins;
        handler.FallbackPage = settings.FallbackPage;
        handler.CleanUrls = settings.CleanUrls;
        handler.Archive = settings.Archive;
        handler.TrailingSlash = settings.TrailingSlash;
        handler.AllowUpload = settings.Upload;
        handler.AllowOverwrite = settings.Overwrite;
        handler.LiveReload = settings.LiveReload;
        return handler;
    }

    /// <summary>What requests would fail for one by one is told now.</summary>
    private static void CheckHandler(SimpleHttpRequestHandler handler, ServeSettings settings)
    {
        if (handler.FindFallbackProblem() is { } problem)
            throw new CannotStartException($"{problem}: give one that exists with --spa.");
        if (new CgiHttpRequestHandler { CgiUser = settings.CgiUser }.FindCgiUserProblem() is { } userProblem)
            throw new CannotStartException($"--cgi-user: {userProblem}.");
    }

    private static CgiHttpRequestHandler MakeCgiHandler(ServeSettings settings)
    {
        var handler = new CgiHttpRequestHandler
        {
            CgiEnvironmentVariables = settings.CgiEnvironment,
            CgiUser = settings.CgiUser,
            CgiTimeout = TimeSpan.FromSeconds(settings.CgiTimeout),
        };
        if (settings.CgiDirectories.Count > 0)
            handler.CgiDirectories = settings.CgiDirectories;
        return handler;
    }

    private static string CheckDirectory(string directory)
    {
        try
        {
            var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
            if (File.Exists(full))
                throw new CannotStartException($"{full} is a file: give the directory it lies in with --directory.");
            if (!Directory.Exists(full))
                throw new CannotStartException($"There is no directory {full}: give one that exists with --directory.");
            using var entries = Directory.EnumerateFileSystemEntries(full).GetEnumerator();
            entries.MoveNext();
            return full;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or ArgumentException)
        {
            throw new CannotStartException($"Cannot read the directory {directory}: {exception.Message} Give another with --directory, or change its rights.");
        }
    }

    private static TextLog OpenLog(ServeSettings settings)
    {
        if (settings.LogFile is null)
        {
            // Asking about the terminal loads what is not needed else: only for lines that have colours.
            var color = !settings.Quiet && Terminal.HasColor(Console.IsErrorRedirected);
            return new TextLog(Terminal.OpenError(), settings.LogFormat, color) { WriteRequests = !settings.Quiet };
        }

        if (Directory.Exists(settings.LogFile))
            throw new CannotStartException($"Cannot write the log {settings.LogFile}: it is a directory. Give a file with --log.");
        try
        {
            return new TextLog(settings.LogFile, settings.LogFormat);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or ArgumentException)
        {
            throw new CannotStartException($"Cannot write the log {settings.LogFile}: {exception.Message} Give another file with --log.");
        }
    }
}
