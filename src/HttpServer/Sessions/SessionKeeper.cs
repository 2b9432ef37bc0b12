using Http.Server.State;

namespace Http.Server.Sessions;

/// <summary>The sessions of a server: from an id to what is kept under it, and back.</summary>
internal sealed class SessionKeeper
{
    private readonly IHttpStateStore _store;
    private readonly SessionShelf? _shelf;
    private readonly TimeProvider _time;

    /// <param name="options">How they are kept.</param>
    /// <param name="store">Where.</param>
    /// <param name="time">The clock.</param>
    public SessionKeeper(HttpSessionOptions options, IHttpStateStore store, TimeProvider time)
    {
        (Options, _store, _time) = (options, store, time);
        Cookie = new SessionCookie(options.CookieName);
        _shelf = store.IsShared ? null : SessionShelf.Of(store);
    }

    public HttpSessionOptions Options { get; }

    public SessionCookie Cookie { get; }

    /// <summary>Reads a session without a word to others, and has it last on.</summary>
    /// <returns>Null if there is none of this id.</returns>
    /// <exception cref="HttpStateStoreException">The store is away.</exception>
    public async ValueTask<SessionContent?> ReadAsync(string id)
    {
        var key = SessionId.KeyOf(id);
        if (await _store.GetAsync(key).ConfigureAwait(false) is not { } bytes
            || SessionContent.TryDecode(bytes) is not { } content)
            return null;
        await ExtendAsync(key, bytes.Length, content).ConfigureAwait(false);
        return content;
    }

    /// <summary>Opens a session for one request alone.</summary>
    /// <param name="id">The id that the client has sent; null for none.</param>
    /// <exception cref="HttpStateStoreException">The store is away, or another request has the session for too long.</exception>
    public async ValueTask<HttpSession> OpenAsync(string? id)
    {
        if (id is null)
            return new HttpSession(this);
        var key = SessionId.KeyOf(id);
        var taken = await SessionLock.TakeAsync(_store, key, Options.LockTimeout, _time).ConfigureAwait(false);
        try
        {
            var bytes = await _store.GetAsync(key).ConfigureAwait(false);
            if (bytes is not null && SessionContent.TryDecode(bytes) is { } content)
                return new HttpSession(this, id, bytes, content, taken);
        }
        catch
        {
            await taken.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        // An id that this server has not made, or whose session has ended, is never the id of a new one.
        await taken.DisposeAsync().ConfigureAwait(false);
        return new HttpSession(this);
    }

    /// <summary>Keeps a session under a new id, in the place of another one's, which ends at once.</summary>
    /// <param name="id">The new id.</param>
    /// <param name="content">What it has.</param>
    /// <param name="bytes">The same, encoded.</param>
    /// <param name="former">The id until now; null for none.</param>
    /// <param name="formerBytes">What was kept under it.</param>
    public async ValueTask BeginAsync(string id, SessionContent content, byte[] bytes, string? former, byte[]? formerBytes)
    {
        var key = SessionId.KeyOf(id);
        await _store.SetAsync(key, bytes, Options.Timeout).ConfigureAwait(false);
        if (former is not null && !await TryEndAsync(former, formerBytes!).ConfigureAwait(false))
        {
            await _store.RemoveAsync(key).ConfigureAwait(false);
            throw Changed();
        }

        await TouchAsync(key, bytes.Length, content).ConfigureAwait(false);
    }

    /// <summary>Keeps what has changed, unless somebody else has changed it.</summary>
    public async ValueTask ReplaceAsync(string id, SessionContent content, byte[] bytes, byte[] former)
    {
        var key = SessionId.KeyOf(id);
        if (!await _store.TryReplaceAsync(key, former, bytes, Options.Timeout).ConfigureAwait(false))
            throw Changed();
        await TouchAsync(key, bytes.Length, content).ConfigureAwait(false);
    }

    /// <summary>Has a session last on that has not changed.</summary>
    public ValueTask ExtendAsync(string id, SessionContent content, int length) =>
        ExtendAsync(SessionId.KeyOf(id), length, content);

    /// <summary>Ends a session.</summary>
    public async ValueTask EndAsync(string id)
    {
        var key = SessionId.KeyOf(id);
        await _store.RemoveAsync(key).ConfigureAwait(false);
        _shelf?.Remove(key);
    }

    private static HttpStateStoreException Changed() => new(
        "The session was changed or ended by another request, since this one had it for longer than its lock lasts: "
        + "nothing of it has been kept.");

    private async ValueTask<bool> TryEndAsync(string id, byte[] bytes)
    {
        var key = SessionId.KeyOf(id);
        if (!await _store.TryReplaceAsync(key, bytes, null).ConfigureAwait(false))
            return false;
        _shelf?.Remove(key);
        return true;
    }

    private async ValueTask ExtendAsync(string key, int length, SessionContent content)
    {
        if (await _store.ExtendAsync(key, Options.Timeout).ConfigureAwait(false))
            await TouchAsync(key, length, content).ConfigureAwait(false);
    }

    private async ValueTask TouchAsync(string key, int length, SessionContent content)
    {
        if (_shelf is null)
            return;
        var now = _time.GetTimestamp();
        var until = now + (long)(Options.Timeout.TotalSeconds * _time.TimestampFrequency);
        var entry = new SessionShelf.Entry(key, length, content.User is not null, until);
        foreach (var gone in _shelf.Touch(entry, Options, now) ?? [])
            await _store.RemoveAsync(gone).ConfigureAwait(false);
    }
}
