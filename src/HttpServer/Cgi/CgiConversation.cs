using System.Buffers;
using Http.Server.Requests;
using Http.Server.Transport;

namespace Http.Server.Cgi;

/// <summary>
/// One run of a program: the request's body goes in, its answer comes out, and beside them go standard error, silence, and a
/// client that leaves.
/// </summary>
/// <param name="handler">The handler of the request.</param>
/// <param name="options">What is said of programs.</param>
/// <param name="script">The program.</param>
/// <param name="process">The same as it runs.</param>
/// <param name="copyFile">Sends a file's content.</param>
internal sealed class CgiConversation(
    SimpleHttpRequestHandler handler, CgiOptions options, CgiScript script, CgiProcess process,
        Func<FileContent, ValueTask> copyFile)
{
    private const int BlockSize = 64 * 1024;

    /// <summary>Largest header of a program, in bytes: what requests may have.</summary>
    private const int MaxHeader = 32 * 1024;

    /// <summary>Length of <c>HTTP/1.1 200</c>.</summary>
    private const int RawStatusLength = 12;

    private readonly CgiAnswer _answer = new(handler, script.ScriptName, copyFile);
    private readonly CgiWatch _watch = new(handler, options.Timeout);
    private bool _isRefused;
    private bool _isBusy;

    /// <summary>Passes the request's body on to the program and its answer on to the client.</summary>
    /// <returns>Where a local redirect leads; null if the request has been answered.</returns>
    /// <exception cref="CgiBusyException">The program could not be started; nothing has been answered.</exception>
    public async ValueTask<string?> RunAsync(CgiBody body, CgiIdentity identity)
    {
        using var stop = new CancellationTokenSource();
        _watch.Progress();
        var sending = body.CopyToAsync(process.Input, _watch.Progress, stop.Token);
        var complaining = new CgiErrorLog(handler, script.ScriptName, process.Errors).RunAsync(
            line => See(line, identity), stop.Token);
        var watching = _watch.RunAsync(sending, stop);
        try
        {
            return script.IsNonParsed
                ? await PassOnRawAsync(complaining, stop.Token).ConfigureAwait(false)
                : await PassOnAsync(complaining, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            var wasSilent = await watching.ConfigureAwait(false);
            await process.EndAsync().ConfigureAwait(false);
            if (sending.IsFaulted)
                await sending.ConfigureAwait(false);
            if (!wasSilent)
                throw new ConnectionEndedException("The client left while the program ran.");
            handler.LogError("CGI {0}: ended after {1} s of silence", script.ScriptName, options.Timeout.TotalSeconds);
            if (!handler.Connection.Output.TryRollBack())
                throw new ConnectionEndedException("The program fell silent in the middle of its answer.");
            handler.Cycle.Restart();
            Fail(504);
            return null;
        }
        catch (IOException exception) when (exception is not CgiBusyException)
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
                // The program has answered without reading the whole body, so the rest of it is not waited for.
                handler.Cycle.KeepAlive.Disable(CloseReason.BodyUnread);
                handler.Connection.StopReading();
            }

            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await complaining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>Reads the program's header and streams the rest.</summary>
    private async ValueTask<string?> PassOnAsync(Task complaining, CancellationToken cancellationToken)
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
                    await RefuseHeaderAsync(complaining, count, cancellationToken).ConfigureAwait(false);
                    return null;
                }

                count += read;
                _watch.Progress();
            }

            if (CgiHead.Parse(buffer.AsSpan(0, end), out var problem) is not { } head)
            {
                handler.LogError("CGI {0} gave no valid header: {1}", script.ScriptName, problem);
                Fail(502);
                await process.EndAsync().ConfigureAwait(false);
                return null;
            }

            if (head.IsLocalRedirect)
            {
                await process.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                return head.Location;
            }

            if (head.SendFile is not null && options.SendFile)
            {
                await _answer.SendFileAsync(head).ConfigureAwait(false);
                return null;
            }

            _answer.SendHead(head);
            await StreamAsync(buffer, end, count, cancellationToken).ConfigureAwait(false);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Everything the program prints goes out as it is ("nph-"); the connection ends with it.</summary>
    private async ValueTask<string?> PassOnRawAsync(Task complaining, CancellationToken cancellationToken)
    {
        handler.Cycle.KeepAlive.Disable(CloseReason.RawAnswer);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            var count = 0;
            for (int read; count < RawStatusLength
                && (read = await process.Output.ReadAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false)) > 0;)
                count += read;
            if (count == 0)
            {
                _ = await WaitForEndAsync(complaining, cancellationToken).ConfigureAwait(false);
                handler.LogError("CGI {0} printed nothing", script.ScriptName);
                Fail(502);
                return null;
            }

            handler.Cycle.Head.RecordStatus(CgiHead.StatusOf(buffer.AsSpan(0, count)));
            await StreamAsync(buffer, 0, count, cancellationToken).ConfigureAwait(false);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends the rest of the answer; it is broken off if a signal has ended the program.</summary>
    /// <param name="buffer">The buffer for it.</param>
    /// <param name="start">The first byte of the answer that has been read already.</param>
    /// <param name="end">The end of these bytes.</param>
    /// <param name="cancellationToken">Ends the waiting for the program.</param>
    private async ValueTask StreamAsync(byte[] buffer, int start, int end, CancellationToken cancellationToken)
    {
        await WriteAsync(buffer.AsMemory(start, end - start)).ConfigureAwait(false);
        while (true)
        {
            var read = process.Output.ReadAsync(buffer, cancellationToken);
            // What the program has printed is sent before more is waited for.
            if (!read.IsCompleted)
                await handler.Wfile.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            var count = await read.ConfigureAwait(false);
            if (count == 0)
                break;
            await WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
        }

        if (await process.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false) is var exit and < 0)
        {
            handler.LogError("CGI {0} was ended by signal {1}", script.ScriptName, -exit);
            BreakOff();
        }
    }

    private async ValueTask RefuseHeaderAsync(Task complaining, int count, CancellationToken cancellationToken)
    {
        if (count >= MaxHeader)
            await process.EndAsync().ConfigureAwait(false);
        var exit = await WaitForEndAsync(complaining, cancellationToken).ConfigureAwait(false);
        if (_isRefused)
        {
            if (!handler.Connection.Body.IsAtEnd)
                handler.Cycle.KeepAlive.Disable(CloseReason.BodyUnread);
            handler.SendError(403, "CGI script cannot be started");
            return;
        }

        var what = count >= MaxHeader ? "a header that does not end" : count > 0 ? "a header without its empty line" : "nothing";
        handler.LogError("CGI {0} printed {1} and ended with {2}", script.ScriptName, what, exit < 0
            ? $"signal {-exit}"
            : $"exit code {exit}");
        // A malformed answer of the program is 502, and so is one that a signal has ended; a program that failed and printed
        // nothing is 500.
        Fail(count == 0 && exit > 0 ? 500 : 502);
    }

    /// <summary>Looks for words of the change of user.</summary>
    /// <returns>Whether a line is to be logged: what is tried again is told when it has failed for good.</returns>
    private bool See(string line, CgiIdentity identity)
    {
        _isRefused |= identity.IsOwnError(line);
        _isBusy |= identity.IsBusyError(line);
        return !_isBusy;
    }

    /// <returns>The program's exit code, or the negative number of the signal that ended it.</returns>
    /// <exception cref="CgiBusyException">It could not be started.</exception>
    private async ValueTask<int> WaitForEndAsync(Task complaining, CancellationToken cancellationToken)
    {
        // A program may close its output and go on for ever.
        var exit = await process.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await complaining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _isBusy ? throw new CgiBusyException() : exit;
    }

    /// <summary>
    /// The program has died with its answer unfinished: 502 if nothing of that has left the server, else the connection
    /// is cut after it.
    /// </summary>
    private void BreakOff()
    {
        if (handler.Connection.Response is { Framing: Framing.Length, Underrun: false })
            return;
        if (!handler.Connection.Output.TryRollBack())
            throw new ConnectionEndedException("The program died in the middle of its answer.");
        handler.Cycle.Restart();
        Fail(502);
    }

    /// <summary>Answers an error while the program may still be reading the request's body.</summary>
    private void Fail(int code)
    {
        if (!handler.Connection.Body.IsAtEnd)
            handler.Cycle.KeepAlive.Disable(CloseReason.BodyUnread);
        handler.SendError(code);
    }

    /// <summary>
    /// Writes to the client; how long that takes is no silence of the program, and the server's least rate bounds
    /// it.
    /// </summary>
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        _watch.Suspend();
        await handler.Wfile.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        _watch.Progress();
    }
}
