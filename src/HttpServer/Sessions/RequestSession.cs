using Http.Server.State;

namespace Http.Server.Sessions;

/// <summary>What a connection's requests know of their sessions, one request at a time.</summary>
/// <param name="keeper">The server's sessions.</param>
internal sealed class RequestSession(SessionKeeper keeper)
{
    private string? _sentId;
    private bool _isSecure;
    private bool _hasLooked;
    private bool _hasRead;
    private SessionContent? _read;
    private HttpSession? _session;
    private string? _announced;
    private bool _hasAnnounced;

    /// <summary>A handler has asked for the session, and it has not been given back.</summary>
    public bool IsOpen => _session is { HasEnded: false };

    /// <summary>Forgets the request before.</summary>
    public void Reset()
    {
        (_sentId, _read, _session, _announced) = (null, null, null, null);
        _hasLooked = _hasRead = _hasAnnounced = false;
    }

    /// <summary>Looks at what the client has sent; to be called before anything else, once or more.</summary>
    /// <param name="cookies">The field Cookie; empty for none, or several.</param>
    /// <param name="isSecure">The client speaks HTTPS.</param>
    public void Look(ReadOnlySpan<byte> cookies, bool isSecure)
    {
        if (_hasLooked)
            return;
        (_sentId, _isSecure, _hasLooked) = (keeper.Cookie.Find(cookies, isSecure), isSecure, true);
    }

    /// <summary>The client has sent what may be the id of a session.</summary>
    public bool HasId => _sentId is not null;

    /// <summary>Who has logged in; null for nobody.</summary>
    /// <exception cref="HttpStateStoreException">The store is away.</exception>
    public async ValueTask<HttpUser?> FindUserAsync() =>
        _session is not null ? _session.User : (await ReadAsync().ConfigureAwait(false))?.User;

    /// <summary>Whether a text is a token of the session's forms.</summary>
    /// <exception cref="HttpStateStoreException">The store is away.</exception>
    public async ValueTask<bool> IsFormTokenAsync(string? token) => _session is not null
        ? _session.IsFormToken(token)
        : await ReadAsync().ConfigureAwait(false) is { Secret: { } secret } && FormToken.IsOf(secret, token);

    /// <summary>Opens the session for this request; the same one if it is asked for again.</summary>
    /// <exception cref="HttpStateStoreException">The store is away, or another request has it for too long.</exception>
    public async ValueTask<HttpSession> OpenAsync() =>
        _session ??= await keeper.OpenAsync(_sentId).ConfigureAwait(false);

    /// <summary>What the head of the answer has to say to the browser; null for nothing.</summary>
    public string? Announce()
    {
        if (_session is not { } session)
            return null;
        (_announced, _hasAnnounced) = (session.FindId(), true);
        if (_announced is not null)
            return _announced == _sentId ? null : keeper.Cookie.Make(_announced, _isSecure);
        // An id that was unknown stays: the answer to another request may just have brought a new one.
        return session.WasFound ? keeper.Cookie.Make(null, _isSecure) : null;
    }

    /// <summary>Keeps the session, and gives it back; the head of the answer may still tell of it.</summary>
    /// <exception cref="InvalidOperationException">It is too large, or the browser cannot be told of it any more.</exception>
    /// <exception cref="HttpStateStoreException">The store is away, or somebody else has changed the session.</exception>
    public async ValueTask EndAsync()
    {
        if (_session is not { HasEnded: false } session)
            return;
        try
        {
            if (_hasAnnounced && session.FindId() != _announced)
                throw new InvalidOperationException("The session was begun, renewed or cleared after the head of the answer had "
                    + "been sent, and the browser cannot be told of its id: do so before.");
            await session.EndAsync().ConfigureAwait(false);
        }
        catch
        {
            await AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives the session back as it was: nothing of it is kept or announced any more.</summary>
    public ValueTask AbandonAsync()
    {
        var session = _session;
        _session = null;
        return session is null ? default : session.ReleaseAsync();
    }

    private async ValueTask<SessionContent?> ReadAsync()
    {
        if (!_hasRead)
            (_read, _hasRead) = (_sentId is null ? null : await keeper.ReadAsync(_sentId).ConfigureAwait(false), true);
        return _read;
    }
}
