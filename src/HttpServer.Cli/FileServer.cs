using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Http.Server.Cli;

/// <summary>Starts the server that the settings describe, and stays until it is told to stop.</summary>
internal static class FileServer
{
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ServeSettings settings)
    {
        TextLog? log = null;
        try
        {
            var directory = CheckDirectory(settings.Directory);
            if (settings.FallbackPage is { } page && !File.Exists(Path.Combine(directory, page)))
                throw new CannotStartException($"There is no file {page} in {directory}: give one that exists with --spa.");
            log = OpenLog(settings);
            IReadOnlyList<EndPoint> addresses = settings.Bind.Count <= 1
                ? BindAddress.Resolve(settings.Bind.Count == 0 ? null : settings.Bind[0], settings.Port)
                : [.. settings.Bind.SelectMany(text => BindAddress.Resolve(text, settings.Port)).Distinct()];
            var certificate = Certificates.Find(settings);
            var options = new HttpServerOptions { Log = log };
            BaseHttpRequestHandler CreateHandler() => MakeHandler(settings, directory);
            await using Server.HttpServer server = certificate is null
                ? new ThreadingHttpServer(addresses, CreateHandler, options)
                : new ThreadingHttpsServer(addresses, CreateHandler, certificate, options);
            var fingerprint = settings.TlsSelfSigned ? $"The certificate's SHA-256 fingerprint is {certificate!.Fingerprint}{Environment.NewLine}" : "";
            await ServeAsync(server, Announce(directory, server) + fingerprint).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is ServerStartException or CannotStartException)
        {
            StandardStreams.Complain(exception.Message);
            return ExitCode.CannotStart;
        }
        finally
        {
            log?.Dispose();
        }
    }

    private static async Task ServeAsync(Server.HttpServer server, string announcement)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            // A second signal ends the process at once.
            context.Cancel = !stop.IsCancellationRequested;
            ThreadPool.UnsafeQueueUserWorkItem(_ => stop.Cancel(), null);
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var serving = server.ServeForeverAsync(stop.Token);
        StandardStreams.Say(announcement);
        await serving.ConfigureAwait(false);
        // Registered tokens must not be cancelled after their source is gone.
        terminate.Dispose();
        interrupt.Dispose();
    }

    private static string Announce(string directory, Server.HttpServer server)
    {
        var all = server.EndPoints.OfType<IPEndPoint>().Any(IsEveryInterface) ? " (all interfaces)" : "";
        var addresses = server.EndPoints.Select(endPoint => Describe(endPoint, server.IsSecure ? "https" : "http"));
        return StandardStreams.ShowControls($"Serving {directory} on {string.Join(", ", addresses)} ...{all}") + Environment.NewLine;
    }

    /// <summary>An address that a browser takes, so localhost for all interfaces.</summary>
    private static string Describe(EndPoint endPoint, string scheme) => endPoint switch
    {
        IPEndPoint ip when IsEveryInterface(ip) => $"{scheme}://localhost:{ip.Port}/",
        IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } ip => $"{scheme}://[{ip.Address}]:{ip.Port}/",
        IPEndPoint ip => $"{scheme}://{ip.Address}:{ip.Port}/",
        _ when scheme == "https" => $"unix:{endPoint} (HTTPS)",
        _ => $"unix:{endPoint}",
    };

    private static bool IsEveryInterface(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.IPv6Any) || endPoint.Address.Equals(IPAddress.Any);

    private static SimpleHttpRequestHandler MakeHandler(ServeSettings settings, string directory)
    {
        var handler = settings.Cgi ? MakeCgiHandler(settings) : new SimpleHttpRequestHandler();
        handler.Directory = directory;
        handler.ProtocolVersion = settings.Protocol;
        handler.ExtraHeaders = settings.Headers;
        handler.DefaultContentType = settings.ContentType ?? MimeTypes.Default;
        handler.Symlinks = settings.Symlinks;
        handler.HideDotfiles = settings.HideDotfiles;
        if (settings.CacheSeconds is { } seconds)
            handler.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={seconds}");
        handler.ImmutableFiles = settings.ImmutableFiles;
        handler.CorsOrigins = settings.CorsOrigins;
        handler.FallbackPage = settings.FallbackPage;
        handler.CleanUrls = settings.CleanUrls;
        return handler;
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
            var color = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                && Environment.GetEnvironmentVariable("TERM") != "dumb";
            return new TextLog(StandardStreams.OpenError(), settings.LogFormat, color) { WriteRequests = !settings.Quiet };
        }

        if (Directory.Exists(settings.LogFile))
            throw new CannotStartException($"Cannot write the log {settings.LogFile}: it is a directory. Give a file with --log.");
        try
        {
            var file = new FileStream(settings.LogFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return new TextLog(file, settings.LogFormat, waitWhenFull: true);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or ArgumentException)
        {
            throw new CannotStartException($"Cannot write the log {settings.LogFile}: {exception.Message} Give another file with --log.");
        }
    }
}
