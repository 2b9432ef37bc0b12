using System.Diagnostics;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Transport.FileData;
using Http.Server.Work;

namespace Http.Server.StaticFiles;

/// <summary>
/// Sends the answers of a handler's GET and HEAD: heavy ones behind their gate and on threads for such work, and each anew for as
/// long as its file changes before anything has left.
/// </summary>
internal sealed class StaticAnswer
{
    /// <summary>Answers to one request while the file that is asked for changes under each of them.</summary>
    private const int MaxAttempts = 4;

    private readonly IStaticHandler _handler;
    private readonly StaticExchange _exchange;
    private readonly Func<FileContent?> _sendHead;

    public StaticAnswer(IStaticHandler handler, StaticExchange exchange)
    {
        _handler = handler;
        _exchange = exchange;
        // The delegate is made once for the handler's life, so that a small answer allocates nothing.
        _sendHead = handler.SendHead;
    }

    /// <summary>Answers on this thread, unless the answer is heavy.</summary>
    public ValueTask SendAsync() =>
        HeavyAnswers.FindGate(_exchange) is { } gate ? SendBehindAsync(gate) : SendBodyAsync(_handler.SendHead(), _sendHead);

    /// <summary>Answers on a thread that may wait for the disk.</summary>
    public async ValueTask OffloadAsync()
    {
        await Task.Yield();
        await SendAsync().ConfigureAwait(false);
    }

    /// <summary>Sends the body, or the head and the body anew if the file changes before anything has left.</summary>
    /// <param name="content">What the head has promised; null if the answer is complete.</param>
    /// <param name="sendHead">Sends the head anew.</param>
    public ValueTask SendBodyAsync(FileContent? content, Func<FileContent?> sendHead)
    {
        if (content is null)
            return default;
        if (_handler.Command == "HEAD")
        {
            content.Dispose();
            return default;
        }

        var copy = _handler.CopyFileAsync(content);
        return content.IsShared ? copy : FinishBodyAsync(copy, content, sendHead);
    }

    private async ValueTask FinishBodyAsync(ValueTask copy, FileContent content, Func<FileContent?> sendHead)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using (content)
                    await copy.ConfigureAwait(false);
                return;
            }
            catch (ContentCutException exception) when (exception.MayBePassing && attempt < MaxAttempts
                && _handler.Connection.Output.TryRollBack())
            {
                // The file was written to between its opening and its reading: nothing of the answer has left, and the next one
                // is right.
                _handler.RestartAnswer();
            }

            if (sendHead() is not { } next)
                return;
            content = next;
            copy = _handler.CopyFileAsync(content);
        }
    }

    /// <summary>Answers behind a gate, on threads for heavy work.</summary>
    private async ValueTask SendBehindAsync(WorkGate gate)
    {
        var askedAt = Stopwatch.GetTimestamp();
        if (!gate.TryEnter() && !await ClientDeparture.WaitUntilAsync(_handler, gate.EnterAsync).ConfigureAwait(false))
        {
            _handler.SendError(RequestFault.TooBusy.Status, null, RequestFault.TooBusy.Reason + ".");
            return;
        }

        var isInside = true;
        try
        {
            await WorkThreads.Shared.NextTurn();
            _exchange.AskedAt = askedAt;
            var content = _handler.SendHead();
            // A listing or a compressed body that is complete costs no more to send than a file does.
            if (gate != _exchange.Options.HeavyWork.Archives)
            {
                gate.Leave();
                isInside = false;
                await WorkThreads.Leave();
            }

            await SendBodyAsync(content, _sendHead).ConfigureAwait(false);
        }
        finally
        {
            _exchange.AskedAt = long.MaxValue;
            if (isInside)
                gate.Leave();
            await WorkThreads.Leave();
        }
    }
}
