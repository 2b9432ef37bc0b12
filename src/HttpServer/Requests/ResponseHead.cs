using System.Globalization;
using System.Text;
using Http.Server.Headers;
using Http.Server.Logging;
using Http.Server.Protocol;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>The head of an answer: its status line and headers, and what they say of the body (RFC 9112, section 6).</summary>
internal sealed class ResponseHead(KeepAlive keepAlive)
{
    private State _state;
    private bool _hasTransferEncoding;
    private bool _hasConnection;

    private enum State
    {
        None,
        Open,
        Ended,
    }

    /// <summary>The status of the answer so far; 0 if there is none.</summary>
    public int Status { get; private set; }

    /// <summary>The announced length of the body in bytes; -1 for none.</summary>
    public long ContentLength { get; private set; } = -1;

    /// <summary>There is no status line.</summary>
    public bool IsMissing => _state == State.None;

    /// <summary>There is a status line, and more headers may follow.</summary>
    public bool IsOpen => _state == State.Open;

    /// <summary>Something has been said of how the answer may be kept by others.</summary>
    public bool HasCacheControl { get; private set; }

    /// <summary>Forgets the answer.</summary>
    public void Reset() => (_state, Status) = (State.None, 0);

    /// <summary>Tells the status of an answer that was passed on as raw bytes.</summary>
    public void RecordStatus(int status) => Status = status;

    /// <summary>Forgets the head of an answer that failed; its status is still known.</summary>
    public void Discard() => _state = State.None;

    /// <summary>Writes the status line.</summary>
    /// <exception cref="ArgumentException">The phrase cannot stand in a status line.</exception>
    public void Begin(OutputBuffer output, string protocolVersion, int code, string phrase)
    {
        CheckText(phrase, "message");
        output.Append(protocolVersion);
        Span<byte> number = [(byte)' ', (byte)('0' + (code / 100)), (byte)('0' + (code / 10 % 10)), (byte)('0' + (code % 10)),
            (byte)' '];
        output.Append(number);
        output.Append(phrase);
        output.Append("\r\n"u8);
        Open(code);
    }

    /// <summary>Writes the status line and headers that an earlier answer has begun with.</summary>
    public void Begin(OutputBuffer output, HeaderLines start, int code)
    {
        output.Append(start.Bytes);
        Open(code);
    }

    /// <summary>Writes a header.</summary>
    /// <exception cref="ArgumentException">The header cannot be sent, or contradicts another one.</exception>
    /// <exception cref="InvalidOperationException">There is no answer yet, or its headers have been ended.</exception>
    public void Add(OutputBuffer output, string keyword, string value)
    {
        if (!IsOpen)
            throw new InvalidOperationException(
                $"The header {keyword} comes {(IsMissing ? "before SendResponse" : "after EndHeaders")}.");
        if (!HttpGrammar.IsToken(keyword))
            throw new ArgumentException($"The header name '{LogText.Escape(keyword)}' is not a token (RFC 9110, section 5.1).",
                nameof(keyword));
        value = HeaderEncoding.Encode(keyword, value);
        CheckText(value, keyword);
        Register(keyword, value);
        output.AppendHeader(keyword, value);
    }

    /// <summary>Writes headers that an earlier answer had, in which they were checked.</summary>
    /// <exception cref="InvalidOperationException">There is no answer yet, or its headers have been ended.</exception>
    public void Add(OutputBuffer output, HeaderLines lines)
    {
        if (!IsOpen)
            throw new InvalidOperationException($"Headers come {(IsMissing ? "before SendResponse" : "after EndHeaders")}.");
        output.Append(lines.Bytes);
        HasCacheControl |= lines.HasCacheControl;
        ContentLength = lines.ContentLength;
    }

    /// <summary>Ends the headers of an interim answer (1xx): the final one may follow.</summary>
    /// <returns>False if the answer is none.</returns>
    public bool TryEndInterim(OutputBuffer output)
    {
        if (Status is < 100 or >= 200 or 101)
            return false;
        output.Append("\r\n"u8);
        _state = State.None;
        return true;
    }

    /// <summary>Settles how the body ends and what becomes of the connection, and ends the headers.</summary>
    /// <param name="context">The answer's handler, which sends what is lacking.</param>
    /// <param name="isHttp11Request">The client knows chunks.</param>
    /// <param name="isHttp11Server">The handler does.</param>
    public Framing End(IHandlerContext context, bool isHttp11Request, bool isHttp11Server)
    {
        var framing = ChooseFraming(context, isHttp11Request && isHttp11Server);
        if (!_hasConnection && Status != 101)
        {
            if (keepAlive.IsDisabled && isHttp11Server)
                context.SendHeader("Connection", "close");
            else if (!keepAlive.IsDisabled && !isHttp11Request)
                context.SendHeader("Connection", "keep-alive");
        }

        context.Connection.Output.Append("\r\n"u8);
        _state = State.Ended;
        return framing;
    }

    /// <summary>Ends a head that was written elsewhere.</summary>
    public void End(int status) => (_state, Status) = (State.Ended, status);

    /// <summary>
    /// The phrase of an error may come from anywhere: what cannot stand in a status line is replaced, not
    /// refused.
    /// </summary>
    public static string ToReasonPhrase(string message)
    {
        if (HttpGrammar.IsFieldValue(message) && !message.AsSpan().ContainsAnyInRange('\u0100', '\uffff'))
            return message;
        return string.Create(message.Length, message, static (span, message) =>
        {
            for (var at = 0; at < span.Length; at++)
                span[at] = message[at] > '\u00ff' || !HttpGrammar.IsFieldValue(message.AsSpan(at, 1)) ? '?' : message[at];
        });
    }

    private static void CheckText(string text, string what)
    {
        if (!HttpGrammar.IsFieldValue(text))
            throw new ArgumentException($"The text for {what} has a control character: '{LogText.Escape(text)}'.", what);
        if (!Ascii.IsValid(text) && text.AsSpan().ContainsAnyInRange('\u0100', '\uffff'))
            throw new ArgumentException(
                $"The text for {what} has a character beyond Latin-1: '{text}'. "
                + "Percent-encode it, or use the form of RFC 8187.", what);
    }

    private static ArgumentException BothLengths(string parameter) =>
        new("Content-Length and Transfer-Encoding exclude each other (RFC 9112, section 6.2).", parameter);

    private void Open(int code)
    {
        _state = State.Open;
        Status = code;
        ContentLength = -1;
        _hasTransferEncoding = _hasConnection = HasCacheControl = false;
    }

    private void Register(string keyword, string value)
    {
        switch (keyword.Length)
        {
            case 10 when keyword.Equals("Connection", StringComparison.OrdinalIgnoreCase):
                _hasConnection = true;
                if (value.Equals("close", StringComparison.OrdinalIgnoreCase))
                    keepAlive.Disable(CloseReason.SaidInAnswer);
                else if (value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase))
                    keepAlive.Enable();
                break;
            case 13 when keyword.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase):
                HasCacheControl = true;
                break;
            case 14 when keyword.Equals("Content-Length", StringComparison.OrdinalIgnoreCase):
                if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                    throw new ArgumentException($"Content-Length is a decimal number, not '{value}'.", nameof(value));
                if (_hasTransferEncoding)
                    throw BothLengths(nameof(keyword));
                if (ContentLength >= 0 && ContentLength != length)
                    throw new ArgumentException($"Content-Length has been sent as {ContentLength} before, now as {length}.",
                        nameof(value));
                ContentLength = length;
                break;
            case 17 when keyword.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase):
                if (ContentLength >= 0)
                    throw BothLengths(nameof(keyword));
                _hasTransferEncoding = true;
                break;
        }
    }

    private Framing ChooseFraming(IHandlerContext context, bool mayChunk)
    {
        if (Status == 101)
        {
            keepAlive.Disable(CloseReason.OtherProtocol);
            return Framing.Close;
        }

        if (context.Command == "HEAD" || Status is 204 or 304)
            return Framing.None;
        if (_hasTransferEncoding)
        {
            // Whether the handler frames its body rightly is not known, so nothing may follow it.
            keepAlive.Disable(CloseReason.FramedByHandler);
            return Framing.Close;
        }

        if (Status == 205 && ContentLength < 0)
        {
            // A client reads a 205 like a 200, so its length must be told, though there is no body (RFC 9110, section 15.3.6).
            context.SendHeader("Content-Length", "0");
            return Framing.None;
        }

        if (ContentLength >= 0)
            return Framing.Length;
        if (mayChunk)
        {
            context.SendHeader("Transfer-Encoding", "chunked");
            return Framing.Chunked;
        }

        keepAlive.Disable(CloseReason.BodyWithoutLength);
        return Framing.Close;
    }
}
