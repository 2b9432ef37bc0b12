using Http.Server.Authentication;
using Http.Server.Headers;
using Http.Server.Logging;
using Http.Server.Transport;

namespace Http.Server;

/// <summary>
/// Who may ask: users and the hashes of their passwords, asked for by HTTP's Basic authentication (RFC 7617), in UTF-8. One
/// object serves all handlers of a server; see <see cref="BaseHttpRequestHandler.Authentication"/>.
/// </summary>
/// <remarks>
/// A password costs a derivation, some tenths of a second of a processor on purpose, also for a user that does not exist. What
/// was found right is remembered by a keyed hash in memory, so that the next request with the same credentials costs
/// microseconds.
/// </remarks>
public sealed class BasicAuthentication : IScheme
{
    /// <summary>Milliseconds between two looks at the file. A look costs two system calls, so there is one a second.</summary>
    private const long CheckInterval = 1000;

    private readonly WrongPasswords _wrong = new();
    private readonly UserFile? _file;
    private volatile UserTable _users;
    private string? _stamp;
    private long _nextCheck = long.MinValue;
    private int _hasHinted;

    private BasicAuthentication(UserTable users, UserFile? file = null, string? stamp = null)
    {
        _users = users;
        _file = file;
        _stamp = stamp;
        Realm = "HttpServer";
    }

    /// <summary>
    /// What clients show to those whom they ask for a password; default <c>HttpServer</c>. To be set before the server
    /// starts.
    /// </summary>
    /// <exception cref="ArgumentException">A character is none of printable ASCII.</exception>
    public string Realm
    {
        get;
        set
        {
            Challenge = Authentication.Challenge.Of("Basic", value) + ", charset=\"UTF-8\"";
            field = value;
        }
    }

    /// <summary>
    /// Lets clients on other machines send their passwords without TLS, where each machine on the way can read them. False, the
    /// default: they are answered 403. Those on this machine, by the loopback or a Unix domain socket, need no TLS.
    /// </summary>
    public bool AllowPlainHttp { get; set; }

    /// <summary>The value of WWW-Authenticate.</summary>
    internal string Challenge { get; private set; } = "";

    /// <summary>Checks passwords; a test has an object of its own, to count.</summary>
    internal HashThrottle Throttle { get; init; } = HashThrottle.Shared;

    internal UserTable Users => _users;

    /// <summary>Whom the rules of the users' file let in, as <see cref="AccessPolicy.FindSubjects"/> tells it.</summary>
    /// <param name="segments">The decoded segments of the path.</param>
    /// <param name="writes">By a method other than GET, HEAD, OPTIONS and TRACE.</param>
    /// <returns>Null if there are no rules.</returns>
    public IReadOnlyList<string>? FindSubjects(IReadOnlyList<string> segments, bool writes) =>
        _users.Rules?.FindSubjects(segments, writes);

    /// <summary>
    /// Reads a file in UTF-8 with lines <c>user:hash</c>, the hashes made by <see cref="Hash"/>; empty lines and those that begin
    /// with # say nothing. It is read anew when it has changed, which is looked for at most once a second; if it then is wrong,
    /// the users stay as they were, and the log says why.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ServerStartException">The file is missing or wrong; the message names it, the line, and what
    /// helps.</exception>
    public static BasicAuthentication FromFile(string path) => MakeFromFile(path, HashThrottle.Shared);

    /// <summary>Takes users and hashes as <see cref="Hash"/> makes them.</summary>
    /// <param name="users">At least one user, with a hash for each.</param>
    /// <exception cref="ArgumentException">There is none, one is there twice, a name is empty or has a colon or a control
    /// character, or a hash is none.</exception>
    public static BasicAuthentication FromHashes(IEnumerable<KeyValuePair<string, string>> users) =>
        MakeFromHashes(users, HashThrottle.Shared);

    /// <summary>Takes users and passwords, of which only hashes are kept. Each takes some tenths of a second.</summary>
    /// <param name="users">At least one user, with a password for each.</param>
    /// <exception cref="ArgumentException">There is none, one is there twice, a name is empty or has a colon or a control
    /// character, or a password is empty or has a control character.</exception>
    public static BasicAuthentication FromPasswords(IEnumerable<KeyValuePair<string, string>> users)
    {
        ArgumentNullException.ThrowIfNull(users);
        return new(Collect(users, static (_, password) => PasswordHash.Make(CheckPassword(password))));
    }

    /// <summary>
    /// Makes the hash of a password: PBKDF2-HMAC-SHA-256 with 600,000 iterations and a random salt, as
    /// <c>$pbkdf2-sha256$iterations$salt$hash</c>.
    /// </summary>
    /// <param name="password">The password; its UTF-8 is hashed as it is, without Unicode normalization.</param>
    /// <exception cref="ArgumentException">The password is empty or has a control character, which RFC 7617 forbids.</exception>
    public static string Hash(string password) => PasswordHash.Make(CheckPassword(password)).ToString();

    internal static BasicAuthentication MakeFromFile(string path, HashThrottle throttle)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // The path is made absolute now, because the working directory may change before the file is read again.
        var file = new UserFile(Path.GetFullPath(path));
        var stamp = file.Stamp();
        return new(file.Load(), file, stamp) { Throttle = throttle };
    }

    internal static BasicAuthentication MakeFromHashes(IEnumerable<KeyValuePair<string, string>> users, HashThrottle throttle)
    {
        ArgumentNullException.ThrowIfNull(users);
        return new(Collect(users, static (user, text) => PasswordHash.TryParse(text)
            ?? throw new ArgumentException(
                $"What stands for {user} is no hash that is known here: make it with BasicAuthentication.Hash.", nameof(users))))
        { Throttle = throttle };
    }

    /// <summary>
    /// Reads the file of users anew at once, whether or not it has changed; does nothing where there is none. If the file is
    /// wrong, the users stay as they were.
    /// </summary>
    /// <param name="log">Told the outcome.</param>
    public void Reload(IHttpLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_file is null)
            return;
        _stamp = null;
        Renew(log, _file);
    }

    string IScheme.Type => "Basic";

    string IScheme.Challenge => Challenge;

    bool IScheme.SendsSecret => !AllowPlainHttp;

    /// <summary>Finds out who asks, if no password has to be checked for that; looks whether the file has changed.</summary>
    bool IScheme.TryCheck(SchemeRequest request, out SchemeAnswer answer)
    {
        Renew(request.Connection.Options.Log, request.Connection.Clock);
        answer = SchemeAnswer.Nothing;
        var header = request.FindField("authorization"u8);
        if (header.IsEmpty)
            return true;
        var users = _users;
        if (users.FindVerified(users.DigestOf(header)) is { } user)
        {
            answer = SchemeAnswer.Of(user);
            return true;
        }

        answer = SchemeAnswer.Denied;
        return BasicCredentials.TryParse(header) is null;
    }

    /// <summary>Finds out who asks by checking a password; each network of clients has a queue of its own.</summary>
    ValueTask<SchemeAnswer> IScheme.CheckAsync(SchemeRequest request, CancellationToken cancellationToken)
    {
        var users = _users;
        var header = request.FindField("authorization"u8);
        return BasicCredentials.TryParse(header) is { } credentials
            ? new(VerifyAsync(users, users.DigestOf(header), credentials, request, cancellationToken))
            : new(SchemeAnswer.Denied);
    }

    bool IScheme.TakeHint() => TakeHint();

    /// <summary>
    /// Why others than the server's own user could make themselves users of the file, in words for a log; null if they cannot, or
    /// there is no file. Looks at the file's rights, and at those of the directory that it lies in.
    /// </summary>
    public string? FindWeakness() => _file?.FindWeakness();

    /// <summary>True once: a hint is worth one line in the log, not one for each request.</summary>
    internal bool TakeHint() => Interlocked.Exchange(ref _hasHinted, 1) == 0;

    private static UserTable Collect(IEnumerable<KeyValuePair<string, string>> users, Func<string, string, PasswordHash> read)
    {
        var table = new Dictionary<string, PasswordHash>(StringComparer.Ordinal);
        foreach (var (user, text) in users)
        {
            if (user is null || !BasicCredentials.IsUser(user))
                throw new ArgumentException(
                    $"'{LogText.Escape(user ?? "")}' is no user: a name has neither colons nor control characters.",
                    nameof(users));
            if (!table.TryAdd(user, read(user, text)))
                throw new ArgumentException($"The user {user} is there twice.", nameof(users));
        }

        return table.Count > 0 ? new UserTable(table) : throw new ArgumentException(
            "There is no user: no request could be let through. Name one at least.", nameof(users));
    }

    private static string CheckPassword(string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        if (password.Any(char.IsControl))
            throw new ArgumentException("The password has a control character, which no client may send (RFC 7617, section 2).",
                nameof(password));
        return password;
    }

    private async Task<SchemeAnswer> VerifyAsync(
        UserTable users, UInt128 digest, BasicCredentials credentials, SchemeRequest request, CancellationToken cancellationToken)
    {
        var (network, clock) = (ClientNetwork.Of(request.Client), request.Connection.Clock);
        var wait = _wrong.FindWait(network, credentials.User, clock.Milliseconds);
        var isRight = wait > TimeSpan.Zero ? false : await Throttle.RunAsync(network, () =>
        {
            // A browser asks on several connections at once: the first of them does the work for all.
            if (users.FindVerified(digest) is not null)
                return true;
            // Guesses that wait in the queue are no faster than others.
            wait = _wrong.FindWait(network, credentials.User, clock.Milliseconds);
            if (wait > TimeSpan.Zero)
                return false;
            Throttle.Record();
            if (!users.Verify(credentials.User, credentials.Password))
            {
                _wrong.Add(network, credentials.User, clock.Milliseconds);
                return false;
            }

            _wrong.Forget(network, credentials.User, clock.Milliseconds);
            users.Remember(digest, credentials.User);
            return true;
        }, cancellationToken).ConfigureAwait(false);
        return isRight switch
        {
            true => SchemeAnswer.Of(users.UserOf(credentials.User)),
            false => wait > TimeSpan.Zero ? SchemeAnswer.After(wait) : SchemeAnswer.Denied,
            null => new(AuthenticationOutcome.Busy),
        };
    }

    /// <summary>Looks at the file if that was not done within the last second.</summary>
    private void Renew(IHttpLog log, Clock clock)
    {
        if (_file is null)
            return;
        var now = clock.Milliseconds;
        var due = Interlocked.Read(ref _nextCheck);
        // One request looks at the file; others use the users that are known.
        if (now < due || Interlocked.CompareExchange(ref _nextCheck, long.MaxValue, due) != due)
            return;
        try
        {
            Renew(log, _file);
        }
        finally
        {
            Interlocked.Exchange(ref _nextCheck, now + CheckInterval);
        }
    }

    private void Renew(IHttpLog log, UserFile file)
    {
        try
        {
            var stamp = file.Stamp();
            if (stamp == _stamp)
                return;
            // Noted before the file is read: what is wrong with this state of it is said once, and a later state is looked at
            // anew.
            _stamp = stamp;
            _users = file.Load();
            log.Message(LogLevel.Information, null, $"The users in {file.Path} were read anew.");
            if (file.FindWeakness() is { } weakness)
                log.Message(LogLevel.Warning, null, weakness);
        }
        catch (ServerStartException exception)
        {
            log.Message(LogLevel.Error, null, $"The users in {file.Path} cannot be used; the old ones stay. {exception.Message}");
        }
    }
}
