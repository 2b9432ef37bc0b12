using System.Globalization;
using System.Text;
using Http.Server.Authentication;
using Http.Server.Headers;
using Http.Server.Logging;
using Http.Server.Pages;
using Http.Server.Protocol;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Answers: status line, headers, error pages.</content>
public abstract partial class BaseHttpRequestHandler
{
    private string _protocolVersion = "HTTP/1.0";
    private string? _versionString;
    private string _serverVersion = DefaultServerVersion;
    private string _sysVersion = "";
    private HeadState _head;
    private int _status;
    private long _contentLength;
    private bool _sentTransferEncoding;
    private bool _sentConnection;

    private enum HeadState
    {
        None,
        Open,
        Ended,
    }

    /// <summary>What the server calls itself in the Server header by default.</summary>
    public static string DefaultServerVersion { get; } =
        $"HttpServer/{typeof(BaseHttpRequestHandler).Assembly.GetName().Version!.ToString(2)}";

    /// <summary>The status codes and what they mean, for error pages.</summary>
    public static IReadOnlyDictionary<int, HttpReason> Responses => HttpReasons.All;

    /// <summary>The server software's name and version; default <see cref="DefaultServerVersion"/>.</summary>
    public string ServerVersion
    {
        get => _serverVersion;
        set => (_serverVersion, _versionString) = (value, null);
    }

    /// <summary>
    /// The system's name and version. Empty by default, unlike Python's: which runtime answers is nobody's business.
    /// </summary>
    public string SysVersion
    {
        get => _sysVersion;
        set => (_sysVersion, _versionString) = (value, null);
    }

    /// <summary>
    /// The page that <see cref="SendError"/> sends, as a Python format: <c>%(code)d</c>, <c>%(message)s</c> and
    /// <c>%(explain)s</c> are filled in, escaped for HTML.
    /// </summary>
    public string ErrorMessageFormat { get; set; } = ErrorPage.DefaultFormat;

    /// <summary>The Content-Type of that page; default <c>text/html;charset=utf-8</c>.</summary>
    public string ErrorContentType { get; set; } = "text/html;charset=utf-8";

    /// <summary>
    /// <c>HTTP/1.0</c>, the default as in Python, or <c>HTTP/1.1</c>, which keeps connections open and sends answers without a
    /// length in chunks.
    /// </summary>
    /// <exception cref="ArgumentException">Another version.</exception>
    public string ProtocolVersion
    {
        get => _protocolVersion;
        set => _protocolVersion = value is "HTTP/1.0" or "HTTP/1.1"
            ? value
            : throw new ArgumentException($"The protocol version is HTTP/1.0 or HTTP/1.1, not '{value}'.", nameof(value));
    }

    /// <summary>The status of the answer so far; 0 if there is none.</summary>
    protected int Status => _status;

    /// <summary>Answers with a status line and the headers Server and Date; more headers and <see cref="EndHeaders"/> follow.</summary>
    /// <param name="code">The status, 100 to 999.</param>
    /// <param name="message">The reason phrase; null for the registered one.</param>
    /// <exception cref="ArgumentException">The phrase has CR, LF, another control character or a character beyond Latin-1.</exception>
    /// <exception cref="InvalidOperationException">The request has been answered already.</exception>
    public virtual void SendResponse(int code, string? message = null)
    {
        SendResponseOnly(code, message);
        if (VersionString() is { Length: > 0 } version)
            SendHeader("Server", version);
        SendHeader("Date", DateTimeString());
        // Here, so that an error page of a class's own has it too.
        if (_access == AuthenticationOutcome.Denied)
            SendHeader("WWW-Authenticate", Authentication!.Challenge);
    }

    /// <summary>Answers with a status line alone.</summary>
    /// <inheritdoc cref="SendResponse"/>
    public virtual void SendResponseOnly(int code, string? message = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 999);
        if (HasAnswered)
            throw new InvalidOperationException($"The request has been answered already, with {_status}: there can be no second answer ({code}).");
        message ??= HttpReasons.PhraseOf(code);
        CheckText(message, nameof(message));

        var output = Connection.Output;
        output.Append(ProtocolVersion);
        Span<byte> number = [(byte)' ', (byte)('0' + (code / 100)), (byte)('0' + (code / 10 % 10)), (byte)('0' + (code % 10)), (byte)' '];
        output.Append(number);
        output.Append(message);
        output.Append("\r\n"u8);
        _head = HeadState.Open;
        _status = code;
        _contentLength = -1;
        _sentTransferEncoding = _sentConnection = false;
        Connection.Response.Begin(Framing.HeadOpen);
    }

    /// <summary>Adds a header to the answer. <c>Connection: close</c> and <c>keep-alive</c> set <see cref="CloseConnection"/>.</summary>
    /// <param name="keyword">The name, a token.</param>
    /// <param name="value">The value, in Latin-1. Text beyond that is percent-encoded in Location and Content-Location, and written by RFC 8187 in
    /// the file name of Content-Disposition.</param>
    /// <exception cref="ArgumentException">The name is no token, the value has CR, LF, NUL, another control character or a
    /// character beyond Latin-1, or it is a length that contradicts itself.</exception>
    /// <exception cref="InvalidOperationException">There is no answer yet, or its headers have been ended.</exception>
    public virtual void SendHeader(string keyword, string value)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        ArgumentNullException.ThrowIfNull(value);
        if (_head != HeadState.Open)
            throw new InvalidOperationException($"The header {keyword} comes {(_head == HeadState.None ? "before SendResponse" : "after EndHeaders")}.");
        if (!HttpGrammar.IsToken(keyword))
            throw new ArgumentException($"The header name '{LogText.Escape(keyword)}' is not a token (RFC 9110, section 5.1).", nameof(keyword));
        value = HeaderEncoding.Encode(keyword, value);
        CheckText(value, keyword);
        NoteHeader(keyword, value);

        Connection.Output.AppendHeader(keyword, value);
    }

    /// <summary>
    /// Ends the headers. What the handler left open is settled here: without a length the body goes in chunks (HTTP/1.1) or
    /// until the connection ends (HTTP/1.0), and the connection's fate is told. After an interim answer (1xx) the final one may follow.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no answer yet, or its headers have been ended.</exception>
    public virtual void EndHeaders()
    {
        if (_head != HeadState.Open)
            throw new InvalidOperationException("EndHeaders needs one SendResponse before it.");
        if (_status is >= 100 and < 200 and not 101)
        {
            Connection.Output.Append("\r\n"u8);
            _head = HeadState.None;
            Connection.Response.Begin(Framing.Raw);
            return;
        }

        // Said in time, a client does not send its next request into the end of the server.
        CloseConnection |= Server.IsDraining;
        var framing = ChooseFraming();
        if (!_sentConnection && _status != 101)
        {
            if (CloseConnection && IsHttp11Server)
                SendHeader("Connection", "close");
            else if (!CloseConnection && !IsHttp11Request)
                SendHeader("Connection", "keep-alive");
        }

        Connection.Output.Append("\r\n"u8);
        _head = HeadState.Ended;
        Connection.Response.Begin(framing, _contentLength);
        FlushHeaders();
    }

    /// <summary>
    /// Passes the headers on to the way to the client. <see cref="EndHeaders"/> calls it; it fills a buffer, which is sent with the
    /// body or when <see cref="Wfile"/> is flushed.
    /// </summary>
    public virtual void FlushHeaders()
    {
    }

    /// <summary>
    /// Answers with an error page, and with the same as <c>application/problem+json</c> (RFC 9457) if the client prefers JSON and
    /// <see cref="ErrorContentType"/> is HTML. Nothing of the page is taken over unescaped. For HEAD, and for statuses that have no body, the
    /// page is left out. The connection goes on, unless <see cref="CloseConnection"/> is set or the rest of the request's body is in the way.
    /// </summary>
    /// <param name="code">The status.</param>
    /// <param name="message">One line; null for the registered reason phrase, <c>???</c> if there is none.</param>
    /// <param name="explain">Longer text; null for the registered explanation, <c>???</c> if there is none.</param>
    /// <exception cref="InvalidOperationException">The request has been answered already.</exception>
    public virtual void SendError(int code, string? message = null, string? explain = null)
    {
        var known = HttpReasons.TryGet(code, out var reason);
        var detail = explain ?? message ?? (known ? reason.Explanation : "???");
        message ??= known ? reason.Phrase : "???";
        explain ??= known ? reason.Explanation : "???";
        // The request's own line tells the status. A class that logs by itself also hears what Python's would.
        if (_logsByItself)
            LogError("code {0}, message {1}", code, message);
        SendResponse(code, ToReasonPhrase(message));
        if (CloseConnection || !IsHttp11Server || !Connection.Body.IsWorthDraining(MaxDrained))
            SendHeader("Connection", "close");
        // Whatever is busy now is not for long (RFC 9110, section 15.6.4).
        if (code == 503)
            SendHeader("Retry-After", "1");

        var page = Array.Empty<byte>();
        if (code >= 200 && code is not (204 or 205 or 304))
        {
            var policy = ErrorPage.SecurityPolicy;
            var isProblem = PrefersProblemDetails();
            page = isProblem
                ? ProblemDetails.Render(code, known ? reason.Phrase : message, detail)
                : Encoding.UTF8.GetBytes(FinishErrorPage(ErrorPage.Render(ErrorMessageFormat, code, message, explain), code, ref policy));
            SendHeader("Content-Type", isProblem ? ProblemDetails.ContentType : ErrorContentType);
            SendHeader("Content-Length", page.Length.ToString(CultureInfo.InvariantCulture));
            SendHeader("Content-Security-Policy", policy);
            SendHeader("X-Content-Type-Options", "nosniff");
            SendHeader("Referrer-Policy", "same-origin");
        }

        EndHeaders();
        if (Command != "HEAD")
            Wfile.Write(page);
    }

    /// <summary>Answers with text in one call: 200, Content-Type, Content-Length, and the text in UTF-8 unless the request is HEAD.</summary>
    /// <param name="text">The body.</param>
    /// <param name="contentType">Its type.</param>
    /// <param name="code">The status.</param>
    public void SendText(string text, string contentType = "text/plain; charset=utf-8", int code = 200)
    {
        var body = Encoding.UTF8.GetBytes(text);
        SendResponse(code);
        SendHeader("Content-Type", contentType);
        SendHeader("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        EndHeaders();
        Wfile.Write(body);
    }

    /// <summary>What the Server header says: <see cref="ServerVersion"/> and <see cref="SysVersion"/>.</summary>
    public virtual string VersionString() => _versionString ??= $"{ServerVersion} {SysVersion}".Trim();

    /// <summary>A date as headers carry it: <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
    /// <param name="timestamp">The time; null for now.</param>
    public virtual string DateTimeString(DateTimeOffset? timestamp = null) =>
        timestamp is { } time ? HttpDate.Format(time.UtcDateTime) : Connection.Clock.HttpDate(Connection.Clock.UtcNow);

    /// <summary>
    /// Whether the client prefers JSON for its errors. A class whose own error pages are no HTML has chosen for all clients.
    /// </summary>
    private protected bool PrefersProblemDetails()
    {
        if (!ErrorContentType.StartsWith("text/html", StringComparison.OrdinalIgnoreCase))
            return false;
        VaryBy("Accept");
        return ProblemDetails.ArePreferred(AcceptHeader.Read(Head, HeadBytes));
    }

    /// <summary>Says in Vary that the answer depends on a header of the request.</summary>
    private protected virtual void VaryBy(string header) => SendHeader("Vary", header);

    /// <summary>The status of an answer that turned out to be less than it announced.</summary>
    private protected virtual int BrokenAnswerStatus => 500;

    /// <summary>Changes an error page before it is sent, and what it may do.</summary>
    private protected virtual string FinishErrorPage(string page, int code, ref string policy) => page;

    private static void CheckText(string text, string what)
    {
        if (!HttpGrammar.IsFieldValue(text))
            throw new ArgumentException($"The text for {what} has a control character: '{LogText.Escape(text)}'.", what);
        if (!Ascii.IsValid(text) && text.AsSpan().ContainsAnyInRange('\u0100', '\uffff'))
            throw new ArgumentException(
                $"The text for {what} has a character beyond Latin-1: '{text}'. Percent-encode it, or use the form of RFC 8187.", what);
    }

    /// <summary>The phrase of an error may come from anywhere: what cannot stand in a status line is replaced, not refused.</summary>
    private static string ToReasonPhrase(string message)
    {
        if (HttpGrammar.IsFieldValue(message) && !message.AsSpan().ContainsAnyInRange('\u0100', '\uffff'))
            return message;
        return string.Create(message.Length, message, static (span, message) =>
        {
            for (var at = 0; at < span.Length; at++)
                span[at] = message[at] > '\u00ff' || !HttpGrammar.IsFieldValue(message.AsSpan(at, 1)) ? '?' : message[at];
        });
    }

    private void NoteHeader(string keyword, string value)
    {
        switch (keyword.Length)
        {
            case 10 when keyword.Equals("Connection", StringComparison.OrdinalIgnoreCase):
                _sentConnection = true;
                if (value.Equals("close", StringComparison.OrdinalIgnoreCase))
                    CloseConnection = true;
                else if (value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase))
                    CloseConnection = false;
                break;
            case 14 when keyword.Equals("Content-Length", StringComparison.OrdinalIgnoreCase):
                if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                    throw new ArgumentException($"Content-Length is a decimal number, not '{value}'.", nameof(value));
                if (_sentTransferEncoding)
                    throw BothLengths(nameof(keyword));
                if (_contentLength >= 0 && _contentLength != length)
                    throw new ArgumentException($"Content-Length has been sent as {_contentLength} before, now as {length}.", nameof(value));
                _contentLength = length;
                break;
            case 17 when keyword.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase):
                if (_contentLength >= 0)
                    throw BothLengths(nameof(keyword));
                _sentTransferEncoding = true;
                break;
        }
    }

    private static ArgumentException BothLengths(string parameter) =>
        new("Content-Length and Transfer-Encoding exclude each other (RFC 9112, section 6.2).", parameter);

    private Framing ChooseFraming()
    {
        if (_status == 101)
        {
            CloseConnection = true;
            return Framing.Close;
        }

        if (Command == "HEAD" || _status is 204 or 304)
            return Framing.None;
        if (_sentTransferEncoding)
        {
            // The handler frames its body by itself; whether it does so rightly is not known, so nothing may follow it.
            CloseConnection = true;
            return Framing.Close;
        }

        if (_status == 205 && _contentLength < 0)
        {
            // A client reads a 205 like a 200, so its length must be told, though there is no body (RFC 9110, section 15.3.6).
            SendHeader("Content-Length", "0");
            return Framing.None;
        }

        if (_contentLength >= 0)
            return Framing.Length;
        if (IsHttp11Request && IsHttp11Server)
        {
            SendHeader("Transfer-Encoding", "chunked");
            return Framing.Chunked;
        }

        CloseConnection = true;
        return Framing.Close;
    }

    /// <summary>Settles what a handler left open when its method returned.</summary>
    private void EndResponse()
    {
        var response = Connection.Response;
        if (_head == HeadState.Open)
            EndHeaders();
        if (_head == HeadState.None)
        {
            if (response.Written > 0)
            {
                CloseConnection = true;
                return;
            }

            LogError("{0} gave no answer to \"{1}\"", LogName, RequestLine);
            SendError(500);
        }

        response.Complete();
        // A handler may have set it to false since, but nothing else ends this body.
        CloseConnection |= response.Framing == Framing.Close;
        if (response.Overrun || response.Underrun)
        {
            LogError("{0} announced {1} bytes for \"{2}\" and wrote {3}", LogName, _contentLength, RequestLine,
                response.Overrun ? "more" : response.Written.ToString(CultureInfo.InvariantCulture));
            CloseConnection = true;
            if (!response.Underrun || !Connection.Output.TryRollBack())
                return;
            // Nothing of it has left: an error can be told from an answer that is cut.
            RestartResponse();
            SendError(BrokenAnswerStatus);
        }
    }
}
