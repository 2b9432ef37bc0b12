using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.Requests;
using Http.Server.Resources;
using Http.Server.Transport;

namespace Http.Server.Cgi;

/// <summary>Finds the program that a request names, waits for its turn, and runs it.</summary>
/// <param name="handler">The handler of the request.</param>
/// <param name="options">What is said of programs.</param>
/// <param name="gate">How many programs run at once.</param>
/// <param name="copyFile">Sends a file's content.</param>
internal sealed class CgiRunner(SimpleHttpRequestHandler handler, CgiOptions options, CgiGate gate,
    Func<FileContent, ValueTask> copyFile)
{
    /// <summary>
    /// Milliseconds until a program is started again that something has open for writing, doubled each time. What is written in a
    /// moment is served within a quarter of a second, and what takes longer is told to the client.
    /// </summary>
    private const int FirstPause = 1;

    private const int LastPause = 128;

    /// <returns>Where a local redirect leads; null if the request has been answered.</returns>
    public async ValueTask<string?> RunOnceAsync()
    {
        if (FindCommand() is not var (script, command, identity))
            return null;
        if (!await EnterAsync().ConfigureAwait(false))
        {
            handler.LogError("CGI {0}: {1} programs run already, and none ended within {2} s", script.ScriptName,
                options.MaxProcesses,
                options.QueueTimeout.TotalSeconds);
            handler.SendError(503);
            return null;
        }

        try
        {
            await handler.Connection.Body.ReadyAsync().ConfigureAwait(false);
            await using var body = await CgiBody.PrepareAsync(handler.IsRedirected
                ? Stream.Null
                : handler.Rfile, handler.IsRedirected
                ? -1
                : handler.Head.ContentLength, !handler.IsRedirected && handler.Head.IsChunked).ConfigureAwait(false);
            return await RunAsync(script, command, identity, body).ConfigureAwait(false);
        }
        catch (CgiBusyException exception)
        {
            handler.LogError("CGI {0} cannot be started: {1}", script.ScriptName, exception.Message);
            if (!handler.Connection.Body.IsAtEnd)
                handler.Cycle.KeepAlive.Disable(CloseReason.BodyUnread);
            handler.SendError(503, "CGI script is being written");
            return null;
        }
        catch (CgiStartException exception) when (Shortage.Of(exception) is null)
        {
            handler.LogError("CGI {0} cannot be started: {1}", script.ScriptName, exception.Message);
            handler.SendError(403, "CGI script cannot be started");
            return null;
        }
        finally
        {
            gate.Leave();
        }
    }

    /// <summary>Runs a program; one that cannot be started at this moment is tried again for a short while.</summary>
    /// <returns>Where a local redirect leads; null if the request has been answered.</returns>
    /// <exception cref="CgiStartException">It cannot be started.</exception>
    /// <exception cref="CgiBusyException">It cannot be started now, however often that is tried.</exception>
    private async ValueTask<string?> RunAsync(CgiScript script, CgiCommand command, CgiIdentity identity, CgiBody body)
    {
        for (var pause = FirstPause; ; pause *= 2)
        {
            try
            {
                return await StartAsync(script, command, identity, body).ConfigureAwait(false);
            }
            catch (CgiBusyException exception) when (pause <= LastPause && !body.HasBegun)
            {
                handler.Connection.Options.Log.Message(LogLevel.Debug, handler.ClientText,
                    $"CGI {script.ScriptName} is tried again in {pause} ms: {exception.Message}");
                await Task.Delay(pause).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<string?> StartAsync(CgiScript script, CgiCommand command, CgiIdentity identity, CgiBody body)
    {
        var environment = CgiEnvironment.Make(DescribeRequest(), script, handler.FindSite().Root.FullPath, body.Length,
            options.EnvironmentVariables);
        await using var process = CgiProcess.Start(command, System.IO.Path.GetDirectoryName(script.FilePath)!, environment,
            identity);
        return await new CgiConversation(handler, options, script, process, copyFile).RunAsync(body, identity)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Waits for a place among the programs that run, or until the client has left: no client is to be kept from one by
    /// those that have gone.
    /// </summary>
    private async ValueTask<bool> EnterAsync()
    {
        var entering = gate.EnterAsync(options.QueueTimeout, CancellationToken.None);
        if (entering.IsCompleted)
            return await entering.ConfigureAwait(false);
        using var stop = new CancellationTokenSource();
        var leaving = handler.WaitForDepartureAsync(stop.Token);
        _ = await Task.WhenAny(entering, leaving).ConfigureAwait(false);
        if (entering.IsCompleted || !await leaving.ConfigureAwait(false))
        {
            var hasEntered = await entering.ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            _ = await leaving.ConfigureAwait(false);
            return hasEntered;
        }

        // A place that this request is still given goes to the next request.
        _ = entering.ContinueWith(
            static (entered, gate) =>
            {
                if (entered.Result)
                    ((CgiGate)gate!).Leave();
            },
            gate,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        throw new ConnectionEndedException("The client left before its program could run.");
    }

    private CgiRequest DescribeRequest() => new()
    {
        // After a local redirect the body has been read already, so the method is GET.
        Method = handler.IsRedirected && handler.Command != "HEAD" ? "GET" : handler.Command,
        Target = handler.Path,
        Query = handler.Exchange.FindTarget().Path!.Query,
        Version = handler.RequestVersion,
        Headers = handler.Headers,
        Client = handler.ClientAddress,
        ClientAddress = handler.ClientText == "-" ? "127.0.0.1" : handler.ClientText,
        ServerName = handler.Server.ServerName,
        ServerPort = handler.ClientFacingPort,
        Host = handler.Host,
        HidesForwarded = handler.Server.Options.TrustedProxies.Count > 0,
        IsSecure = handler.IsSecure,
        Software = handler.VersionString(),
        AuthType = handler.AuthType,
        RemoteUser = handler.RemoteUser,
    };

    /// <summary>Finds the program and how it is run; what stands against it is answered.</summary>
    private (CgiScript Script, CgiCommand Command, CgiIdentity Identity)? FindCommand()
    {
        var url = handler.Exchange.FindTarget().Path!;
        var script = handler.HideDotfiles && url.HasHiddenSegment
            ? null
            : FindScript(url, handler.FindSite().FindProgramDirectory(url)!);
        if (script is null)
        {
            var isDirectory = url.FileFault == UrlPathFault.None
                && handler.FindSite().Root.Open(handler.FindSite().Root.PathOf(url.Segments)).Kind == EntryKind.Directory;
            handler.SendError(isDirectory ? 403 : 404, isDirectory ? "CGI script is not a plain file" : "No such CGI script");
            return null;
        }

        string? problem;
        try
        {
            var command = CgiCommand.For(script.FilePath, options.Interpreters, out problem);
            var identity = CgiIdentity.Of(options.User);
            problem ??= identity.Problem;
            if (problem is null)
                return (script, command!, identity);
        }
        catch (Exception exception) when (PortableFiles.IsMissing(exception))
        {
            problem = exception.Message;
        }

        handler.LogError("CGI {0} is not run: {1}", script.ScriptName, problem);
        handler.SendError(403, "CGI script cannot be run");
        return null;
    }

    /// <summary>The program that a path names: the first part that is no directory; what follows is its path info.</summary>
    /// <param name="url">A path below <paramref name="directory"/>.</param>
    /// <param name="directory">The CGI directory.</param>
    private CgiScript? FindScript(UrlPath url, string directory)
    {
        var (root, segments) = (handler.FindSite().Root, url.Segments);
        for (var count = directory.Split('/', StringSplitOptions.RemoveEmptyEntries).Length + 1; count <= url.NameCount; count++)
        {
            var path = root.PathOf([.. segments.Take(count)]);
            using var handle = root.Open(path) is var opened && opened.Kind == EntryKind.File ? opened.Handle : null;
            if (opened.Kind == EntryKind.Directory)
                continue;
            if (opened.IsDenied)
                handler.Exchange.LogDenied(path);
            if (opened.Kind == EntryKind.None)
                return null;
            var info = string.Join('/', segments.Skip(count));
            if (count < segments.Count)
                info = "/" + info + (url.HasTrailingSlash ? "/" : "");
            else if (url.HasTrailingSlash)
                info = "/";
            return new CgiScript(path, "/" + string.Join('/', segments.Take(count)), info);
        }

        return null;
    }
}
