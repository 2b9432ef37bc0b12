using System.Text;
using Http.Server.Admission;
using Http.Server.Authentication.Rules;
using Http.Server.Protocol;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>
/// What a handler knows of the request that is under way. Its texts are made when they are first asked for, so that a small
/// request makes none; all is forgotten before the next request.
/// </summary>
internal sealed class RequestState
{
    private byte[]? _redirectTarget;
    private HttpHeaders? _headers;
    private string? _path;
    private string? _line;
    private Stream? _storedBody;

    /// <summary>The request's method; null while there is none.</summary>
    public string? Command { get; private set; }

    /// <summary>Who the request was authenticated as; null if it was not.</summary>
    public HttpUser? User { get; set; }

    /// <summary>What the user may see and change, where rules say it; null for everything.</summary>
    public AccessView? View { get; set; }

    /// <summary>How it was; null if it was not.</summary>
    public string? AuthType { get; set; }

    /// <summary>When the request had been read, in UTC.</summary>
    public DateTime Time { get; private set; }

    /// <summary>The request is answered with another resource than it asked for (RFC 3875, section 6.2.2).</summary>
    public bool IsRedirected => _redirectTarget is not null;

    /// <summary>Why the request is not answered; null if it is.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>The header fields, if they have been asked for.</summary>
    public HttpHeaders? Headers => _headers;

    /// <summary>Forgets the request before.</summary>
    public void Reset() => (_redirectTarget, _headers, _path, _line, Command, Refusal, User, AuthType, View) =
        (null, null, null, null, null, null, null, null, null);

    /// <summary>Begins a request that has been read.</summary>
    /// <param name="time">The time, in UTC.</param>
    /// <param name="command">Its method; null if the head has none.</param>
    public void Begin(DateTime time, string? command) => (Time, Command) = (time, command);

    /// <summary>Notes that the request is not answered.</summary>
    public void Refuse(Refusal refusal) => Refusal = refusal;

    /// <summary>Gives back what the request held.</summary>
    public void End()
    {
        _storedBody?.Dispose();
        _storedBody = null;
    }

    /// <summary>The request line without its line end.</summary>
    public string LineOf(Connection connection) =>
        _line ??= Encoding.Latin1.GetString(connection.Input.Head.RequestLine.Of(connection.Input.HeadBytes));

    /// <summary>The request target from its path on, or what a local redirect put in its place.</summary>
    public ReadOnlySpan<byte> TargetOf(Connection connection) =>
        _redirectTarget ?? connection.Input.Head.PathAndQuery.Of(connection.Input.HeadBytes);

    /// <summary>The same as text, with one slash at its start in the place of several.</summary>
    public string PathOf(Connection connection) => _path ??= MakePath(connection);

    /// <summary>The body: what has been stored of it, or what comes from the client.</summary>
    public Stream BodyOf(Connection connection) => _storedBody ?? (Stream)connection.Body;

    /// <summary>Reads the header fields into an object that the handler has made.</summary>
    public HttpHeaders ReadHeaders(Connection connection, HttpHeaders headers)
    {
        var bytes = connection.Input.HeadBytes;
        foreach (ref readonly var header in connection.Input.Head.Headers)
            headers.Add(Encoding.Latin1.GetString(header.Name.Of(bytes)), Encoding.Latin1.GetString(header.Value.Of(bytes)));
        return _headers = headers;
    }

    /// <summary>Goes on with another path in place of the request's own.</summary>
    public void RedirectTo(string target)
    {
        _redirectTarget = Encoding.Latin1.GetBytes(target);
        _path = null;
    }

    /// <summary>Takes the whole body in.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="inMemory">Longest body that is kept in memory, in bytes; a longer one is kept in a file.</param>
    public async ValueTask StoreBodyAsync(Connection connection, int inMemory)
    {
        if (!connection.Body.IsAtEnd && _storedBody is null)
            _storedBody = await StoredBody.ReadAsync(connection.Body, inMemory).ConfigureAwait(false);
    }

    private string MakePath(Connection connection)
    {
        var path = TargetOf(connection);
        if (path.IsEmpty)
            return connection.Input.Head.Form == TargetForm.Absolute ? "/" : "";
        while (path.StartsWith("//"u8))
            path = path[1..];
        return Encoding.Latin1.GetString(path);
    }
}
