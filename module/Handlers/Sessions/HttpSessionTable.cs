using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Management.Automation;
using Http.Server.PowerShell.Handlers.Schemes;
using Http.Server.PowerShell.Handlers.Sessions;
using Http.Server.Sessions;

namespace Http.Server.PowerShell;

/// <summary>
/// What is known of a browser from one of its requests to the next: <c>$Session</c>, a table of data, with the user beside it.
/// It is read when it is first used, for this request alone until the handler ends; what has changed is kept then.
/// </summary>
/// <remarks>
/// PowerShell sets a key where it could set a property. So these names mean the properties: a session has no key <c>User</c>.
/// </remarks>
[SuppressMessage("Design", "CA1010:Generic interface should also be implemented",
    Justification = "Scripts know a Hashtable, and its generic form would hide its keys from them.")]
public sealed class HttpSessionTable : Hashtable, IEnumerable
{
    private static readonly string[] ReadOnly = [nameof(AntiForgeryToken), nameof(AntiForgeryField)];

    private readonly BaseHttpRequestHandler _handler;
    private HttpSession? _session;
    private bool _isOver;

    internal HttpSessionTable(BaseHttpRequestHandler handler)
        : base(StringComparer.OrdinalIgnoreCase) => _handler = handler;

    /// <summary>
    /// Who has logged in; null for nobody. It is set to a name, or to a table or an object with Name and Roles; somebody else
    /// than before gets a session with a new id.
    /// </summary>
    public object? User
    {
        get => Try(() => Load().User);
        set => Load().User = UserOutput.Of(value, "$Session.User is set to");
    }

    /// <summary>A text for a form, by which the server knows that the form is of a page of this session.</summary>
    public string AntiForgeryToken => Try(() => Load().MakeFormToken());

    /// <summary>The same as a hidden field, in HTML.</summary>
    public string AntiForgeryField => FormCheck.MakeField(AntiForgeryToken);

    /// <inheritdoc/>
    public override int Count => Read(() => base.Count);

    /// <inheritdoc/>
    public override ICollection Keys => Read(() => base.Keys);

    /// <inheritdoc/>
    public override ICollection Values => Read(() => base.Values);

    /// <summary>A value by its name, in any case; null for none.</summary>
    /// <param name="key">The name.</param>
    public override object? this[object key]
    {
        get => IsUser(NameOf(key)) ? User : Read(() => base[NameOf(key)]);
        set
        {
            var name = NameOf(key);
            if (IsUser(name))
            {
                User = value;
                return;
            }

            if (Array.Exists(ReadOnly, own => own.Equals(name, StringComparison.OrdinalIgnoreCase)))
                throw new ArgumentException(
                    $"$Session.{name} is made by the session, and no name of a value: give the value another name.");
            Change();
            // What cannot be kept is an error at the line that puts it in.
            var length = SessionCodec.Encode(name, value).Length;
            if (length > MaxBytes)
                throw new ArgumentException($"$Session.{name} has {length} bytes, and a session at most {MaxBytes}: keep less of "
                    + "it, or keep it elsewhere and its name in the session.");
            base[name] = value;
        }
    }

    private int MaxBytes => _handler.Server.Options.Sessions!.MaxBytes;

    /// <summary>Gives the session a new id, with all that it has; the old id ends at once.</summary>
    public void Renew() => Load().Renew();

    /// <summary>Ends the session: nothing is left of it, no user either, and the browser is told to forget it.</summary>
    public override void Clear()
    {
        Load().Clear();
        base.Clear();
    }

    /// <summary>Keeps what has changed so far, and not when the handler ends.</summary>
    public void Save()
    {
        Load();
        Push();
        Wait(_session!.SaveAsync());
    }

    /// <summary>
    /// Keeps what has changed, and lets other requests of the browser go on that wait for the session. It can be read from then
    /// on, and not changed.
    /// </summary>
    public void Close() => End();

    /// <inheritdoc/>
    public override void Add(object key, object? value)
    {
        if (ContainsKey(key))
            throw new ArgumentException(
                $"The session has a value '{NameOf(key)}' already: set it with $Session.{NameOf(key)} = ...");
        this[key] = value;
    }

    /// <inheritdoc/>
    public override void Remove(object key)
    {
        Change();
        base.Remove(NameOf(key));
    }

    /// <inheritdoc/>
    public override bool Contains(object key) => ContainsKey(key);

    /// <inheritdoc/>
    public override bool ContainsKey(object key) => Read(() => base.ContainsKey(NameOf(key)));

    /// <inheritdoc/>
    public override bool ContainsValue(object? value) => Read(() => base.ContainsValue(value));

    /// <inheritdoc/>
    public override void CopyTo(Array array, int arrayIndex) => Read(() =>
    {
        base.CopyTo(array, arrayIndex);
        return true;
    });

    /// <inheritdoc/>
    public override object Clone() => Read(() => new Hashtable(this, StringComparer.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override IDictionaryEnumerator GetEnumerator() => Read(base.GetEnumerator);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Opens the session without holding a thread up.</summary>
    internal async ValueTask OpenAsync() => Take(await _handler.OpenSessionAsync().ConfigureAwait(false));

    /// <summary>
    /// Puts what has changed where the head of the answer is made of, and keeps it if this thread may wait for that.
    /// </summary>
    /// <param name="mayWait">The thread may wait for the store.</param>
    internal void BeginAnswer(bool mayWait)
    {
        if (_session is null || _isOver)
            return;
        Push();
        if (mayWait)
            Wait(_session.SaveAsync());
    }

    /// <summary>Keeps what has changed, and gives the session back. One that was not used stays unread.</summary>
    internal void End()
    {
        if (_session is null || _isOver)
            return;
        Push();
        _isOver = true;
        Wait(_handler.EndSessionAsync());
    }

    /// <summary>The request has ended, and what has not been kept is not.</summary>
    internal void Forget() => _isOver = true;

    private HttpSession Load()
    {
        if (_session is null)
        {
            if (_isOver)
                throw new InvalidOperationException("The request has ended, and its session was not read: read $Session before.");
            Take(_handler.OpenSession());
        }

        return _session!;
    }

    private void Take(HttpSession session)
    {
        foreach (var name in session.Names)
            base[name] = SessionCodec.Decode(session.GetBytes(name)!);
        _session = session;
    }

    private void Change()
    {
        Load();
        if (_isOver)
            throw new InvalidOperationException(
                "The session has been closed: change it before $Session.Close() or the handler's end.");
    }

    /// <summary>What is in the table is what the session has, also where a value itself has changed.</summary>
    private void Push()
    {
        var session = _session!;
        foreach (var name in session.Names.Where(name => !base.ContainsKey(name)).ToArray())
            session.Remove(name);
        var values = base.GetEnumerator();
        while (values.MoveNext())
        {
            var name = (string)values.Key;
            var bytes = SessionCodec.Encode(name, values.Value);
            if (session.GetBytes(name)?.AsSpan().SequenceEqual(bytes) != true)
                session.SetBytes(name, bytes);
        }
    }

    private T Read<T>(Func<T> read)
    {
        Load();
        return read();
    }

    /// <summary>
    /// The engine gives null for a property that throws, unless it throws this: a handler would take a user for nobody.
    /// </summary>
    private static T Try<T>(Func<T> value)
    {
        try
        {
            return value();
        }
        catch (Exception exception)
        {
            throw new MethodInvocationException(exception.Message, exception);
        }
    }

    private static bool IsUser(string name) => name.Equals(nameof(User), StringComparison.OrdinalIgnoreCase);

    private static string NameOf(object key)
    {
        var bare = key is PSObject wrapped ? wrapped.BaseObject : key;
        return Convert.ToString(bare, CultureInfo.InvariantCulture) is { Length: > 0 } name
            ? name
            : throw new ArgumentException("The name of a value in the session is a text that is not empty.");
    }

    private static void Wait(ValueTask work)
    {
        if (work.IsCompleted)
            work.GetAwaiter().GetResult();
        else
            work.AsTask().GetAwaiter().GetResult();
    }
}
