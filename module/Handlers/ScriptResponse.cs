using System.Collections;
using System.Globalization;
using System.Text;
using Http.Server.PowerShell.Handlers;

namespace Http.Server.PowerShell;

/// <summary>What a scriptblock says of its answer beside its output: <c>$Response</c>.</summary>
public sealed class ScriptResponse
{
    private readonly ScriptHttpRequestHandler _handler;
    private readonly List<string> _cookies = [];
    private bool _hasEnded;

    internal ScriptResponse(ScriptHttpRequestHandler handler) => _handler = handler;

    /// <summary>The status; default 200, or 204 where the scriptblock puts out nothing.</summary>
    public int StatusCode
    {
        get => OwnStatus ?? 200;
        set => OwnStatus = value is >= 200 and <= 999
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), $"A status is a number from 200 to 999, not {value}.");
    }

    /// <summary>The reason phrase; null for the registered one, which also takes the place of one beyond Latin-1.</summary>
    /// <exception cref="ArgumentException">It has a control character.</exception>
    public string? StatusDescription
    {
        get;
        set => field = value?.Any(char.IsControl) == true
            ? throw new ArgumentException("A reason phrase cannot have a control character: leave out line breaks and the like.",
                nameof(value))
            : value;
    }

    /// <summary>The Content-Type; null to go by the output. It goes before the one of the registration.</summary>
    /// <exception cref="ArgumentException">It has a control character, or one beyond Latin-1.</exception>
    public string? ContentType
    {
        get;
        set
        {
            if (value is not null)
                ResponseHeaders.CheckText("Content-Type", value);
            field = value;
        }
    }

    /// <summary>
    /// More headers. A value that is a list is sent as one header each. Text beyond Latin-1 is encoded in Location,
    /// Content-Location and the file name of Content-Disposition; elsewhere it is an error.
    /// </summary>
    public Hashtable Headers { get; } = new ResponseHeaders();

    /// <summary>The reason phrase that can be sent.</summary>
    internal string? Reason => StatusDescription is { } text && ResponseHeaders.IsLatin1(text) ? text : null;

    internal int? OwnStatus { get; private set; }

    /// <summary>There are headers that belong to one sequence of bytes: what is sent must be that.</summary>
    internal bool DescribesBytes => Headers.ContainsKey("Content-Encoding") || Headers.ContainsKey("ETag");

    /// <summary>Adds a cookie for this session of the browser, for the whole site, out of reach of scripts in pages.</summary>
    /// <param name="name">A token (RFC 6265, section 4.1.1).</param>
    /// <param name="value">The value; characters that a cookie cannot hold are percent-encoded.</param>
    public void SetCookie(string name, string value) => SetCookie(name, value, []);

    /// <summary>Adds a cookie.</summary>
    /// <param name="name">A token (RFC 6265, section 4.1.1).</param>
    /// <param name="value">The value; characters that a cookie cannot hold are percent-encoded.</param>
    /// <param name="options"><c>Path</c> (default <c>/</c>), <c>Domain</c>, <c>MaxAge</c> (seconds or a time span),
    /// <c>Expires</c>, <c>Secure</c>, <c>HttpOnly</c> (default true), <c>SameSite</c> (default <c>Lax</c>).</param>
    /// <exception cref="ArgumentException">The name is no token, or an option is unknown or has a character that would end
    /// it.</exception>
    public void SetCookie(string name, string value, Hashtable options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        if (name.Any(static letter => letter is <= ' ' or >= '\x7f'
            || "()<>@,;:\\\"/[]?={}".Contains(letter, StringComparison.Ordinal)))
            throw new ArgumentException(
                $"The cookie name '{name}' has a character that it cannot have: use letters, digits, - and _.", nameof(name));
        var given = new Hashtable(options, StringComparer.OrdinalIgnoreCase);
        string[] known = ["Path", "Domain", "MaxAge", "Expires", "Secure", "HttpOnly", "SameSite"];
        foreach (string option in given.Keys)
        {
            if (!known.Contains(option, StringComparer.OrdinalIgnoreCase))
                throw new ArgumentException($"There is no cookie option '{option}': use {string.Join(", ", known)}.",
                    nameof(options));
        }

        var cookie = new StringBuilder(name).Append('=').Append(EncodeValue(value ?? ""));
        cookie.Append("; Path=").Append(TextOf(given, "Path") ?? "/");
        if (TextOf(given, "Domain") is { } domain)
            cookie.Append("; Domain=").Append(domain);
        if (given["MaxAge"] is { } age)
            cookie.Append(CultureInfo.InvariantCulture,
                $"; Max-Age={(age is TimeSpan span
                    ? (long)span.TotalSeconds
                    : Convert.ToInt64(age, CultureInfo.InvariantCulture))}");
        if (given["Expires"] is { } expires)
            cookie.Append("; Expires=").Append(_handler.DateTimeString(ToTime(expires)));
        if (IsTrue(given["Secure"], fallback: false))
            cookie.Append("; Secure");
        if (IsTrue(given["HttpOnly"], fallback: true))
            cookie.Append("; HttpOnly");
        cookie.Append("; SameSite=").Append(TextOf(given, "SameSite") ?? "Lax");
        _cookies.Add(cookie.ToString());
    }

    /// <summary>Has the client ask for another address: 302, and nothing but this.</summary>
    /// <param name="url">An absolute or relative address; characters beyond ASCII are percent-encoded.</param>
    public void Redirect(string url) => Redirect(url, 302);

    /// <summary>Has the client ask for another address.</summary>
    /// <param name="url">An absolute or relative address; characters beyond ASCII are percent-encoded.</param>
    /// <param name="statusCode">301, 302, 303, 307 or 308.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
    public void Redirect(string url, int statusCode)
    {
        ArgumentException.ThrowIfNullOrEmpty(url);
        if (statusCode is not (301 or 302 or 303 or 307 or 308))
            throw new ArgumentOutOfRangeException(nameof(statusCode),
                $"The status of a redirect is 301, 302, 303, 307 or 308, not {statusCode}.");
        StatusCode = statusCode;
        Headers["Location"] = Encode(url);
    }

    /// <summary>
    /// Answers with a file, with its validators and with ranges, as the files of the directory are; 404 if it is not
    /// there.
    /// </summary>
    /// <param name="path">A path of the file system, from the handler's location if it is relative.</param>
    public void SendFile(string path) => SendFile(path, ContentType);

    /// <summary>Answers with a file.</summary>
    /// <param name="path">A path of the file system, from the handler's location if it is relative.</param>
    /// <param name="contentType">Its Content-Type; null to go by its name.</param>
    public void SendFile(string path, string? contentType)
    {
        if (_hasEnded)
            throw new InvalidOperationException("The request has ended: SendFile answers it while the handler runs.");
        var full = Engine.ScriptWorker.OfThisThread?.PathOf(path) ?? path;
        // The head is there when this returns, or an error page; the request does not end before the file does.
        var sending = _handler.SendFileAsync(full, contentType);
        if (sending.IsCompleted)
            sending.GetAwaiter().GetResult();
    }

    /// <summary>The request has been answered.</summary>
    internal void End() => _hasEnded = true;

    internal void SendHeaders(ScriptHttpRequestHandler handler)
    {
        foreach (DictionaryEntry header in Headers)
        {
            var name = (string)header.Key;
            if (header.Value is IEnumerable values and not string)
            {
                foreach (var value in values)
                    handler.SendHeader(name, TextOf(value));
            }
            else if (header.Value is not null)
            {
                handler.SendHeader(name, TextOf(header.Value));
            }
        }

        foreach (var cookie in _cookies)
            handler.SendHeader("Set-Cookie", cookie);
    }

    private static string? TextOf(Hashtable options, string name)
    {
        var text = options[name]?.ToString();
        return text?.Any(static letter => letter is ';' || char.IsControl(letter)) == true
            ? throw new ArgumentException(
                $"The cookie option {name} has a character that would end it: use no semicolons and no controls.",
                nameof(options))
            : text;
    }

    private string TextOf(object? value) => value switch
    {
        DateTime time => _handler.DateTimeString(time),
        DateTimeOffset time => _handler.DateTimeString(time),
        System.Management.Automation.PSObject wrapped => Convert.ToString(wrapped.BaseObject, CultureInfo.InvariantCulture) ?? "",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static DateTimeOffset ToTime(object value) => value switch
    {
        DateTimeOffset time => time,
        DateTime time => time,
        _ => DateTimeOffset.Parse(value.ToString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
    };

    private static bool IsTrue(object? value, bool fallback) =>
        value is null ? fallback : System.Management.Automation.LanguagePrimitives.IsTrue(value);

    private static string Encode(string url) => string.Concat(url.EnumerateRunes().Select(static rune =>
        rune.Value is > 0x20 and < 0x7f and not ('"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}')
            ? rune.ToString()
            : Uri.EscapeDataString(rune.ToString())));

    private static string EncodeValue(string value) => string.Concat(value.EnumerateRunes().Select(static rune =>
        rune.Value is > 0x20 and < 0x7f and not ('"' or ',' or ';' or '\\' or '%')
            ? rune.ToString()
            : Uri.EscapeDataString(rune.ToString())));
}
