using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Text;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.Forms;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.PowerShell.Handlers.Sessions;

namespace Http.Server.PowerShell;

/// <summary>
/// The request as a scriptblock likes to see it: <c>$Request</c>. What has to be read or decoded is so when it is first asked
/// for.
/// </summary>
public sealed class ScriptRequest : IDisposable, IRequestValues
{
    private const int CopyBlock = 32 * 1024;

    private readonly ScriptHttpRequestHandler _handler;
    private Hashtable? _headers;
    private Hashtable? _query;
    private Hashtable? _cookies;
    private byte[]? _bytes;
    private string? _body;
    private object? _json;
    private bool _hasJson;
    private FormData? _form;
    private RequestFacts? _facts;
    private bool _hasEnded;

    internal ScriptRequest(ScriptHttpRequestHandler handler, IReadOnlyDictionary<string, string> routeValues)
    {
        _handler = handler;
        Method = handler.Command;
        RouteValues = routeValues;
    }

    /// <summary>The request's name in the log.</summary>
    public string Id => _facts?.Id ?? _handler.RequestId;

    /// <summary>The method, <c>GET</c> say.</summary>
    public string Method { get; }

    /// <summary>
    /// The path without the query, always decoded and cleaned of dot segments; <see cref="RawUrl"/> has it as it was
    /// sent.
    /// </summary>
    public string Path => field ??= PathOf(_handler);

    /// <summary>The path and the query as sent, not decoded; raw UTF-8 in the query is text here.</summary>
    public string RawUrl => field ??= WireText.Of(Target);

    /// <summary>The protocol, <c>HTTP/1.1</c> say.</summary>
    public string Protocol => _facts?.Protocol ?? _handler.RequestVersion;

    /// <summary>What follows the question mark, as sent; empty if there is none.</summary>
    public string QueryString => WireText.Of(RawQuery);

    /// <summary>The query's values by name, decoded; a name that comes several times has an array.</summary>
    /// <exception cref="RequestFaultException">There are more than the server's limit of a form's fields: the client gets
    /// 400.</exception>
    public Hashtable Query => _query ??= Read(ReadQuery);

    /// <summary>The values of the <c>{names}</c> of the pattern: the handler's, or in a filter the filter's own.</summary>
    public IReadOnlyDictionary<string, string> RouteValues { get; internal set; }

    /// <summary>What filters pass on to each other and to the handler, by name in any case.</summary>
    public Hashtable Items => field ??= new Hashtable(StringComparer.OrdinalIgnoreCase);

    /// <summary>The headers by name; those that came several times are joined with a comma.</summary>
    public Hashtable Headers => _headers ??= HeaderTables.Headers(Source);

    /// <summary>The cookies by name.</summary>
    public Hashtable Cookies => _cookies ??= HeaderTables.Cookies(Source);

    /// <summary>The Content-Type header; null if there is none.</summary>
    public string? ContentType => Source["Content-Type"];

    /// <summary>The declared length of the body in bytes; null if there is none, or the body comes in chunks.</summary>
    public long? ContentLength =>
        long.TryParse(Source["Content-Length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;

    /// <summary>The client's address and port; null for a Unix domain socket.</summary>
    public IPEndPoint? RemoteEndPoint => _facts is null ? _handler.Remote : _facts.Remote;

    /// <summary>The client's address; null for a Unix domain socket.</summary>
    public IPAddress? RemoteAddress => RemoteEndPoint?.Address;

    /// <summary>
    /// The host that the client asked for, by its Host header or as a trusted proxy says; null if there is
    /// neither.
    /// </summary>
    public string? Host => _facts is null ? _handler.Host : _facts.Host;

    /// <summary>Whether the client speaks HTTPS, with this server or with a trusted proxy.</summary>
    public bool IsSecure => _facts?.IsSecure ?? _handler.IsSecure;

    /// <summary>The whole address that the client asked for; null without a host.</summary>
    public Uri? Url => Uri.TryCreate($"{_facts?.Scheme ?? _handler.Scheme}://{Host}{RawUrl}", UriKind.Absolute, out var url)
        && Host is not null ? url : null;

    /// <summary>
    /// Where a user goes who has logged in: the address of this server that a browser was sent to the login page from, which
    /// stands as <c>returnTo</c> in the query; <c>/</c> if there is none, or it is none of this server.
    /// </summary>
    public string ReturnTo => Query["returnTo"] is string target && LocalTarget.Is(target) ? target : "/";

    /// <summary>The User-Agent header; null if there is none.</summary>
    public string? UserAgent => Source["User-Agent"];

    /// <summary>
    /// The user that the request was authenticated as, with Name and Roles, and as text the name; null if nobody was asked to
    /// log in.
    /// </summary>
    public HttpUser? User => _facts is null ? _handler.User : _facts.User;

    /// <summary>
    /// The body's bytes. A multipart body whose <see cref="Form"/> or <see cref="Files"/> were read first is
    /// empty.
    /// </summary>
    /// <exception cref="RequestFaultException">The client broke the protocol, or a limit.</exception>
    public IReadOnlyList<byte> BodyBytes => Read(() => Bytes);

    /// <summary>
    /// The body as text, in the encoding of its byte order mark, of its Content-Type, or in UTF-8, without the mark.
    /// </summary>
    /// <exception cref="RequestFaultException">The client broke the protocol, or a limit, or names an unknown encoding:
    /// 415.</exception>
    public string Body => _body ??= Read(ReadText);

    /// <summary>
    /// The body as <c>ConvertFrom-Json -AsHashtable</c> makes it of JSON (RFC 8259): objects are tables that keep the order and
    /// the case of their names, arrays are arrays, whole numbers long or BigInteger, other numbers double, ISO 8601 dates with a
    /// time DateTime, <c>null</c> is null.
    /// </summary>
    /// <exception cref="RequestFaultException">The body is empty or no JSON: the client gets 400, with the position.</exception>
    public object? Json => Read(ReadJson);

    /// <summary>
    /// The fields of a form, <c>application/x-www-form-urlencoded</c> or <c>multipart/form-data</c>, by name; without
    /// any for another body.
    /// </summary>
    /// <exception cref="RequestFaultException">The body is malformed.</exception>
    public Hashtable Form => Read(ReadForm).Fields;

    /// <summary>The files of a form, stored in temporary files that last as long as the request.</summary>
    /// <exception cref="RequestFaultException">The body is malformed.</exception>
    public IReadOnlyList<UploadedFile> Files => Read(ReadForm).Files;

    private string RawQuery => Target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? Target[(mark + 1)..] : "";

    private string Target => _facts?.RawUrl ?? _handler.Path;

    private byte[] Bytes => _bytes ??= ReadBytes(long.MaxValue, "");

    private HttpServerOptions Limits => _handler.Server.Options;

    private HttpHeaders Source => _facts?.Headers ?? _handler.Headers;

    /// <summary>Deletes the temporary files; called when the request has been answered.</summary>
    public void Dispose()
    {
        _hasEnded = true;
        _form?.Dispose();
    }

    /// <summary>What a script of a WebSocket is called with, by name; null for nothing.</summary>
    internal Hashtable? SocketValues { get; set; }

    /// <summary>Makes the object last: what it says is this request's even when the connection has gone on to another.</summary>
    internal void Keep()
    {
        _ = Path;
        _facts ??= new RequestFacts(_handler);
    }

    /// <summary>The method and the target.</summary>
    public override string ToString() => $"{Method} {RawUrl}";

    /// <summary>The decoded path of a request.</summary>
    internal static string PathOf(ScriptHttpRequestHandler handler)
    {
        var sent = handler.Path;
        if (sent.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark)
            sent = sent[..mark];
        // Only a handler for every path is called for a path that is not valid; the path is decoded as far as possible.
        if (handler.Segments is not { } segments)
            return Uri.UnescapeDataString(WireText.Of(sent));
        var path = "/" + string.Join('/', segments);
        return segments.Count > 0 && sent.EndsWith('/') ? path + "/" : path;
    }

    /// <summary>
    /// The engine gives null for a property that throws, unless it throws this: a handler would go on without the body that it
    /// asked for.
    /// </summary>
    private static T Read<T>(Func<T> value)
    {
        try
        {
            return value();
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            throw new MethodInvocationException(exception.Message, exception);
        }
    }

    private void ThrowIfEnded()
    {
        if (_hasEnded)
            throw new InvalidOperationException(
                "The request has ended, and its body was not read: read $Request.Body, Json or Form in the handler.");
    }

    private Hashtable ReadQuery()
    {
        var max = Limits.MaxFormFields;
        return FormFields.Parse(Encoding.Latin1.GetBytes(RawQuery), Encoding.UTF8, max, 400,
            $"The query has more than {max} fields");
    }

    /// <summary>Reads the body, unless it has been read, and in any case no more than some kinds may measure.</summary>
    private void ReadUpTo(long max, string message)
    {
        _bytes ??= ReadBytes(max, message);
        if (_bytes.Length > max)
            throw new RequestFaultException(413, message);
    }

    private byte[] ReadBytes(long max, string message)
    {
        ThrowIfEnded();
        if (ContentLength > max)
            throw new RequestFaultException(413, message);
        using var bytes = new MemoryStream();
        var buffer = new byte[CopyBlock];
        for (int count; (count = _handler.Rfile.Read(buffer)) > 0;)
        {
            ScriptWorker.OfThisThread?.ThrowIfStopped();
            if (bytes.Length + count > max)
                throw new RequestFaultException(413, message);
            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }

    private string ReadText()
    {
        using var reader = new StreamReader(new MemoryStream(Bytes), BodyEncoding(), detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    private Encoding BodyEncoding()
    {
        var type = ContentType ?? "";
        var at = type.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return Encoding.UTF8;
        var name = type[(at + 8)..].Split(';')[0].Trim().Trim('"', '\'');
        try
        {
            return Encoding.GetEncoding(name);
        }
        // UTF-7 is known, and refused by .NET because text in it can pass for other text.
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new RequestFaultException(415, "The encoding of the request body is unknown", exception);
        }
    }

    private object? ReadJson()
    {
        if (_hasJson)
            return _json;
        ReadUpTo(Limits.MaxJsonBodySize, BodyLimits.OfJson(Limits));
        var text = Utf8Text();
        if (!text.ContainsAnyExcept(" \t\r\n"u8))
            throw new RequestFaultException(400, "The request body is empty: it has to be JSON");
        _json = JsonInput.Read(text, Limits.MaxJsonDepth);
        _hasJson = true;
        return _json;
    }

    /// <summary>The body's bytes if they are UTF-8 as they are, else its text in UTF-8; without the byte order mark.</summary>
    private ReadOnlySpan<byte> Utf8Text()
    {
        var bytes = Bytes.AsSpan();
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            return bytes[Encoding.UTF8.Preamble.Length..];
        // The marks of UTF-16 and of UTF-32 begin so, and no JSON in UTF-8 does.
        var isMarked = bytes is [0xff, 0xfe, ..] or [0xfe, 0xff, ..] or [0, 0, ..];
        return !isMarked && BodyEncoding() is UTF8Encoding ? bytes : Encoding.UTF8.GetBytes(Body);
    }

    private FormData ReadForm()
    {
        if (_form is not null)
            return _form;
        var type = ContentType?.Split(';')[0].Trim() ?? "";
        if (type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            ReadUpTo(Limits.MaxFormSize, BodyLimits.OfForm(Limits));
            return _form = new FormData(
                FormFields.Parse(Encoding.UTF8.GetBytes(Body), Encoding.UTF8, Limits.MaxFormFields, 413,
                    BodyLimits.OfFields(Limits)));
        }

        if (!type.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return _form = new FormData([]);
        if (MultipartReader.BoundaryOf(ContentType) is not { } boundary)
            throw new RequestFaultException(400, "The form names no boundary of its parts");
        ThrowIfEnded();
        return _form = FormData.Read(new MultipartReader(_bytes is null
            ? _handler.Rfile
            : new MemoryStream(_bytes), boundary), Limits);
    }
}
