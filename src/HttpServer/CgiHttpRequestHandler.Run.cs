using System.Buffers;
using Http.Server.Cgi;
using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.Requests;
using Http.Server.Resources;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Runs a program and passes its answer on.</content>
public partial class CgiHttpRequestHandler
{
    private const int BlockSize = 64 * 1024;

    /// <summary>Largest header of a program, in bytes: what requests may have.</summary>
    private const int MaxHeader = 32 * 1024;

    /// <summary>Length of <c>HTTP/1.1 200</c>.</summary>
    private const int RawStatusLength = 12;

    /// <summary>More local redirects in a row are a circle. Apache's figure.</summary>
    private const int MaxRedirects = 10;

    private int _redirects;
    private long _lastProgress;

    /// <summary>Runs the program that the request names and streams its answer (Python: <c>run_cgi</c>).</summary>
    protected virtual async ValueTask RunCgiAsync()
    {
        // Finding and starting a program waits for the disk.
        await Task.Yield();
        _redirects = 0;
        while (await RunOnceAsync().ConfigureAwait(false) is { } location)
        {
            if (++_redirects > MaxRedirects)
            {
                LogError("CGI {0}: more than {1} local redirects", _script!.ScriptName, MaxRedirects);
                SendError(500);
                return;
            }

            RedirectTo(location);
            if (!IsCgi())
            {
                await base.DoGet().ConfigureAwait(false);
                return;
            }
        }
    }

    /// <returns>Where a local redirect leads; null if the request has been answered.</returns>
    private async ValueTask<string?> RunOnceAsync()
    {
        if (FindCommand() is not var (script, command, identity))
            return null;
        var gate = FindGate();
        if (!await EnterAsync(gate).ConfigureAwait(false))
        {
            LogError("CGI {0}: {1} programs run already, and none ended within {2} s", script.ScriptName, CgiMaxProcesses,
                CgiQueueTimeout.TotalSeconds);
            SendError(503);
            return null;
        }

        try
        {
            await Connection.Body.ReadyAsync().ConfigureAwait(false);
            await using var body = await CgiBody.PrepareAsync(IsRedirected ? Stream.Null : Rfile, IsRedirected
                ? -1
                : Head.ContentLength, !IsRedirected && Head.IsChunked).ConfigureAwait(false);
            var environment = CgiEnvironment.Make(DescribeRequest(), script, FindSite().Root.FullPath, body.Length,
                CgiEnvironmentVariables);
            await using var process = CgiProcess.Start(command, System.IO.Path.GetDirectoryName(script.FilePath)!, environment,
                identity);
            return await ConverseAsync(script, process, body, identity).ConfigureAwait(false);
        }
        catch (CgiStartException exception) when (Shortage.Of(exception) is null)
        {
            LogError("CGI {0} cannot be started: {1}", script.ScriptName, exception.Message);
            SendError(403, "CGI script cannot be started");
            return null;
        }
        finally
        {
            gate.Leave();
        }
    }

    /// <summary>The gate of the server, or one of the handler's own.</summary>
    private CgiGate FindGate() =>
        Server is IProgramHost host ? host.FindGate(CgiMaxProcesses) : _ownGate ??= new CgiGate(CgiMaxProcesses);

    /// <summary>
    /// Waits for a place among the programs that run, or until the client has left: no client is to be kept from one by
    /// those that have gone.
    /// </summary>
    private async ValueTask<bool> EnterAsync(CgiGate gate)
    {
        var entering = gate.EnterAsync(CgiQueueTimeout, CancellationToken.None);
        if (entering.IsCompleted)
            return await entering.ConfigureAwait(false);
        using var stop = new CancellationTokenSource();
        var leaving = WaitForDepartureAsync(stop.Token);
        _ = await Task.WhenAny(entering, leaving).ConfigureAwait(false);
        if (entering.IsCompleted || !await leaving.ConfigureAwait(false))
        {
            var hasEntered = await entering.ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            _ = await leaving.ConfigureAwait(false);
            return hasEntered;
        }

        // The place that may come yet is the next one's.
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
        // After a local redirect the body is gone, so whatever the verb was, it is asked for like a page.
        Method = IsRedirected && Command != "HEAD" ? "GET" : Command,
        Target = Path,
        Query = Exchange.FindTarget().Path!.Query,
        Version = RequestVersion,
        Headers = Headers,
        Client = ClientAddress,
        ClientAddress = ClientText == "-" ? "127.0.0.1" : ClientText,
        ServerName = Server.ServerName,
        ServerPort = ClientFacingPort,
        Host = Host,
        HidesForwarded = Server.Options.TrustedProxies.Count > 0,
        IsSecure = IsSecure,
        Software = VersionString(),
        AuthType = AuthType,
        RemoteUser = RemoteUser,
    };

    /// <summary>Finds the program and how it is run; what stands against it is answered.</summary>
    private (CgiScript Script, CgiCommand Command, CgiIdentity Identity)? FindCommand()
    {
        var url = Exchange.FindTarget().Path!;
        var script = HideDotfiles && url.HasHiddenSegment ? null : FindScript(url, FindSite().FindProgramDirectory(url)!);
        if (script is null)
        {
            var isDirectory = url.FileFault == UrlPathFault.None
                && FindSite().Root.Open(FindSite().Root.PathOf(url.Segments)).Kind == EntryKind.Directory;
            SendError(isDirectory ? 403 : 404, isDirectory ? "CGI script is not a plain file" : "No such CGI script");
            return null;
        }

        _script = script;
        string? problem;
        try
        {
            var command = CgiCommand.For(script.FilePath, CgiInterpreters, out problem);
            var identity = CgiIdentity.Of(CgiUser);
            problem ??= identity.Problem;
            if (problem is null)
                return (script, command!, identity);
        }
        catch (Exception exception) when (PortableFiles.IsMissing(exception))
        {
            problem = exception.Message;
        }

        LogError("CGI {0} is not run: {1}", script.ScriptName, problem);
        SendError(403, "CGI script cannot be run");
        return null;
    }

    private async ValueTask<string?> ConverseAsync(CgiScript script, CgiProcess process, CgiBody body, CgiIdentity identity)
    {
        using var stop = new CancellationTokenSource();
        Progress();
        var startRefused = false;
        var sending = body.CopyToAsync(process.Input, Progress, stop.Token);
        var complaining = LogErrorsAsync(script, process, line => startRefused |= identity.IsOwnError(line), stop.Token);
        var watching = WatchAsync(sending, stop);
        try
        {
            var location = script.IsNonParsed
                ? await PassOnRawAsync(process, stop.Token).ConfigureAwait(false)
                : await PassOnAsync(script, process, complaining, () => startRefused, stop.Token).ConfigureAwait(false);
            return location;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            var wasSilent = await watching.ConfigureAwait(false);
            await process.EndAsync().ConfigureAwait(false);
            if (sending.IsFaulted)
                await sending.ConfigureAwait(false);
            if (!wasSilent)
                throw new ConnectionEndedException("The client left while the program ran.");
            LogError("CGI {0}: ended after {1} s of silence", script.ScriptName, CgiTimeout.TotalSeconds);
            if (!Connection.Output.TryRollBack())
                throw new ConnectionEndedException("The program fell silent in the middle of its answer.");
            Cycle.Restart();
            Fail(504);
            return null;
        }
        catch (IOException)
        {
            // The client cannot be reached any more.
            await process.EndAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            if (!sending.IsCompleted)
            {
                // The program has answered without taking the whole body: the rest is not waited for.
                Cycle.KeepAlive.Disable(CloseReason.BodyUnread);
                Connection.StopReading();
            }

            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await complaining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>Reads the program's header and streams the rest.</summary>
    private async ValueTask<string?> PassOnAsync(CgiScript script, CgiProcess process, Task complaining, Func<bool> startRefused,
        CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            var count = 0;
            int end;
            while ((end = CgiHead.FindEnd(buffer.AsSpan(0, count))) < 0)
            {
                var read = count < MaxHeader ? await process.Output.ReadAsync(buffer.AsMemory(count, MaxHeader - count),
                    cancellationToken).ConfigureAwait(false) : 0;
                if (read == 0)
                {
                    await RefuseHeaderAsync(script, process, complaining, startRefused, count, cancellationToken)
                        .ConfigureAwait(false);
                    return null;
                }

                count += read;
                Progress();
            }

            if (CgiHead.Parse(buffer.AsSpan(0, end), out var problem) is not { } head)
            {
                LogError("CGI {0} gave no valid header: {1}", script.ScriptName, problem);
                Fail(502);
                await process.EndAsync().ConfigureAwait(false);
                return null;
            }

            if (head.IsLocalRedirect)
            {
                await process.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                return head.Location;
            }

            if (head.SendFile is not null && CgiSendFile)
            {
                await SendNamedFileAsync(head).ConfigureAwait(false);
                return null;
            }

            SendCgiHead(head);
            await WriteAsync(buffer.AsMemory(end, count - end)).ConfigureAwait(false);
            await StreamAsync(process, buffer, cancellationToken).ConfigureAwait(false);
            if (await process.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false) is var exit and < 0)
            {
                LogError("CGI {0} was ended by signal {1}", script.ScriptName, -exit);
                BreakOff();
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Everything the program prints goes out as it is ("nph-"); the connection ends with it.</summary>
    private async ValueTask<string?> PassOnRawAsync(CgiProcess process, CancellationToken cancellationToken)
    {
        Cycle.KeepAlive.Disable(CloseReason.RawAnswer);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            var count = 0;
            for (int read; count < RawStatusLength
                && (read = await process.Output.ReadAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false)) > 0;)
                count += read;
            if (count == 0)
            {
                LogError("CGI {0} printed nothing", _script!.ScriptName);
                Fail(502);
                return null;
            }

            Cycle.Head.RecordStatus(CgiHead.StatusOf(buffer.AsSpan(0, count)));
            await WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            await StreamAsync(process, buffer, cancellationToken).ConfigureAwait(false);
            if (await process.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false) is var exit and < 0)
            {
                LogError("CGI {0} was ended by signal {1}", _script!.ScriptName, -exit);
                BreakOff();
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask StreamAsync(CgiProcess process, byte[] buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = process.Output.ReadAsync(buffer, cancellationToken);
            // What is there goes out before more is waited for.
            if (!read.IsCompleted)
                await Wfile.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            var count = await read.ConfigureAwait(false);
            if (count == 0)
                return;
            await WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
        }
    }

    private async ValueTask RefuseHeaderAsync(CgiScript script, CgiProcess process, Task complaining, Func<bool> startRefused,
        int count, CancellationToken cancellationToken)
    {
        if (count >= MaxHeader)
            await process.EndAsync().ConfigureAwait(false);
        // A program may close its output and go on for ever.
        var exit = await process.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await complaining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (startRefused())
        {
            if (!Connection.Body.IsAtEnd)
                Cycle.KeepAlive.Disable(CloseReason.BodyUnread);
            SendError(403, "CGI script cannot be started");
            return;
        }

        var what = count >= MaxHeader ? "a header that does not end" : count > 0 ? "a header without its empty line" : "nothing";
        LogError("CGI {0} printed {1} and ended with {2}", script.ScriptName, what, exit < 0
            ? $"signal {-exit}"
            : $"exit code {exit}");
        // Printed and wrong is a bad answer of the program (502); nothing at all after a failure is an error inside (500).
        Fail(count == 0 && exit != 0 ? 500 : 502);
    }

    /// <summary>
    /// The program has died with its answer unfinished: 502 if nothing of that has left the server, else the connection
    /// is cut after it.
    /// </summary>
    private void BreakOff()
    {
        if (Connection.Response is { Framing: Framing.Length, Underrun: false })
            return;
        if (!Connection.Output.TryRollBack())
            throw new ConnectionEndedException("The program died in the middle of its answer.");
        Cycle.Restart();
        Fail(502);
    }

    /// <summary>Answers an error while the program may still be reading the request's body.</summary>
    private void Fail(int code)
    {
        if (!Connection.Body.IsAtEnd)
            Cycle.KeepAlive.Disable(CloseReason.BodyUnread);
        SendError(code);
    }

    private void SendCgiHead(CgiHead head)
    {
        SendResponse(head.Status != 0 ? head.Status : head.Location is not null ? 302 : 200, head.Reason);
        if (head.Location is { } location)
            SendHeader("Location", location);
        foreach (var (name, value) in head.Headers)
            SendHeader(name, value);
        EndHeaders();
    }

    private async ValueTask SendNamedFileAsync(CgiHead head)
    {
        var path = System.IO.Path.GetFullPath(head.SendFile!, FindSite().Root.FullPath);
        var opened = FindSite().Root.Covers(path) ? FindSite().Root.Open(path) : OpenedEntry.None;
        if (opened.Kind != EntryKind.File)
        {
            LogError("CGI {0}: X-Sendfile names no file below {1}: {2}", _script!.ScriptName, FindSite().Root.FullPath,
                head.SendFile);
            SendError(500);
            return;
        }

        using var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.Default, RequestTime);
        SendResponse(head.Status != 0 ? head.Status : 200, head.Reason);
        foreach (var (name, value) in head.Headers)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                SendHeader(name, value);
        }

        if (content.Length >= 0)
            SendHeader("Content-Length", content.LengthText);
        EndHeaders();
        if (Command != "HEAD")
            await CopyFileAsync(content, Wfile).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes to the client; how long that takes is no silence of the program, and the server's least rate bounds
    /// it.
    /// </summary>
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Volatile.Write(ref _lastProgress, long.MaxValue);
        await Wfile.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        Progress();
    }

    private void Progress() => Volatile.Write(ref _lastProgress, Connection.Clock.Milliseconds);
}
