using System.Text;
using Http.Server.State;

namespace Http.Server.Sessions;

/// <summary>
/// What is known of a browser from one of its requests to the next: texts and bytes by name, and who has logged in. One request
/// has it at a time; others of the same browser that want it wait. Nothing is kept, and no cookie sent, before something is put
/// into it.
/// </summary>
/// <remarks>
/// What a handler has changed is kept when its method ends, before the answer is sent, and not at all if it throws. The object is
/// for one request and one thread at a time.
/// </remarks>
public sealed class HttpSession
{
    private readonly SessionKeeper _keeper;
    private SessionLock? _lock;
    private SessionContent _content;
    private string? _id;
    private byte[]? _stored;
    private string? _nextId;
    private bool _hasEnded;

    internal HttpSession(SessionKeeper keeper) => (_keeper, _content) = (keeper, new SessionContent());

    internal HttpSession(SessionKeeper keeper, string id, byte[] stored, SessionContent content, SessionLock taken) =>
        (_keeper, _id, _stored, _content, _lock, WasFound) = (keeper, id, stored, content, taken, true);

    /// <summary>Whether there is nothing in it: no value, no user, no token.</summary>
    public bool IsEmpty => _content.IsEmpty;

    /// <summary>The names of its values. Case counts.</summary>
    public IReadOnlyCollection<string> Names => _content.Values.Keys;

    /// <summary>
    /// Who has logged in; null for nobody. To set somebody else gives the session a new id, as <see cref="Renew"/> does, and new
    /// tokens: neither somebody who knew the id before nor a form of before is taken for the user's.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session has been given back.</exception>
    public HttpUser? User
    {
        get => _content.User;
        set
        {
            ThrowIfEnded();
            if (Equals(_content.User, value))
                return;
            (_content.User, _content.Secret) = (value, null);
            Renew();
        }
    }

    /// <summary>A text by its name, kept as UTF-8; null for none, and to remove it.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="InvalidOperationException">The session has been given back.</exception>
    public string? this[string name]
    {
        get => GetBytes(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        set
        {
            if (value is null)
                Remove(name);
            else
                SetBytes(name, Encoding.UTF8.GetBytes(value));
        }
    }

    /// <summary>Bytes by their name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The session's own array, which is not to be changed; null if there are none.</returns>
    public byte[]? GetBytes(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _content.Values.GetValueOrDefault(name);
    }

    /// <summary>Puts bytes in.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The bytes, which are the session's from then on.</param>
    /// <exception cref="InvalidOperationException">The session has been given back.</exception>
    public void SetBytes(string name, byte[] value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        ThrowIfEnded();
        _content.Values[name] = value;
    }

    /// <summary>Takes a value out.</summary>
    /// <param name="name">The name.</param>
    /// <returns>False if there is none.</returns>
    /// <exception cref="InvalidOperationException">The session has been given back.</exception>
    public bool Remove(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ThrowIfEnded();
        return _content.Values.Remove(name);
    }

    /// <summary>
    /// Gives the session a new id, with all that it has; the old id ends at once. To be called where somebody gets more rights:
    /// an id that somebody else knew or planted is worth nothing then.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session has been given back.</exception>
    public void Renew()
    {
        ThrowIfEnded();
        _nextId = SessionId.Make();
    }

    /// <summary>
    /// Ends the session: takes out all that it has, the user too, and has the browser forget it. What is put in afterwards begins
    /// another one.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session has been given back.</exception>
    public void Clear()
    {
        Renew();
        _content = new SessionContent();
    }

    /// <summary>
    /// Makes a text for a form, which shows that the form is of a page that this session was sent: each call another one, all
    /// of which hold until the user changes. A session that has none until then has something in it from now on.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session has been given back, and has no token.</exception>
    public string MakeFormToken()
    {
        if (_content.Secret is null)
        {
            ThrowIfEnded();
            _content.Secret = FormToken.MakeSecret();
        }

        return FormToken.Make(_content.Secret);
    }

    /// <summary>Whether a text is one that <see cref="MakeFormToken"/> has made for this session.</summary>
    /// <param name="token">What the client has sent; null for nothing.</param>
    public bool IsFormToken(string? token) => _content.Secret is { } secret && FormToken.IsOf(secret, token);

    /// <summary>Keeps what has changed so far.</summary>
    /// <exception cref="InvalidOperationException">The session is larger than <see cref="HttpSessionOptions.MaxBytes"/>: it
    /// stays as it was.</exception>
    /// <exception cref="HttpStateStoreException">The store is away, or the session was changed by somebody else meanwhile: it
    /// stays as it was.</exception>
    public async ValueTask SaveAsync()
    {
        ThrowIfEnded();
        if (_content.IsEmpty)
        {
            if (_id is not null)
                await _keeper.EndAsync(_id).ConfigureAwait(false);
            (_id, _stored, _nextId) = (null, null, null);
            return;
        }

        var bytes = _content.Encode();
        if (bytes.Length > _keeper.Options.MaxBytes)
            throw new InvalidOperationException(
                $"The session has {bytes.Length} bytes, and at most {_keeper.Options.MaxBytes} are kept: keep less in it, the "
                + "names of things say, and the things in a database or a store. What the request has changed is not kept.");
        if (_id is null || _nextId is not null)
        {
            var id = _nextId ?? SessionId.Make();
            await _keeper.BeginAsync(id, _content, bytes, _id, _stored).ConfigureAwait(false);
            (_id, _nextId) = (id, null);
        }
        else if (!bytes.AsSpan().SequenceEqual(_stored))
        {
            await _keeper.ReplaceAsync(_id, _content, bytes, _stored!).ConfigureAwait(false);
        }
        else
        {
            await _keeper.ExtendAsync(_id, _content, bytes.Length).ConfigureAwait(false);
        }

        _stored = bytes;
    }

    /// <summary>Keeps what has changed, and gives the session back: it can be read from then on, and not changed.</summary>
    internal async ValueTask EndAsync()
    {
        if (_hasEnded)
            return;
        try
        {
            await SaveAsync().ConfigureAwait(false);
        }
        finally
        {
            await ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The id that the browser is to have; null where there is nothing in the session.</summary>
    internal string? FindId() => _content.IsEmpty ? null : (_nextId ?? _id) ?? (_nextId = SessionId.Make());

    /// <summary>The browser has sent its id.</summary>
    internal bool WasFound { get; }

    /// <summary>It has been given back.</summary>
    internal bool HasEnded => _hasEnded;

    /// <summary>Gives it back as it was.</summary>
    internal async ValueTask ReleaseAsync()
    {
        _hasEnded = true;
        var taken = _lock;
        _lock = null;
        if (taken is not null)
            await taken.DisposeAsync().ConfigureAwait(false);
    }

    private void ThrowIfEnded()
    {
        if (_hasEnded)
            throw new InvalidOperationException(
                "The session has been given back: it is changed before the handler ends or closes it.");
    }
}
