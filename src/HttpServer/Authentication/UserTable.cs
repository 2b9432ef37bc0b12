using Http.Server.Authentication.Rules;
using Http.Server.Resources;

namespace Http.Server.Authentication;

/// <summary>
/// The users of one moment, and which credentials have been found right: with the users they are forgotten. Never empty.
/// </summary>
internal sealed class UserTable
{
    /// <summary>Clients that are known at once. More than that cost a derivation now and then.</summary>
    public const int MaxVerified = 1024;

    private readonly Dictionary<string, PasswordHash> _users;
    private readonly PasswordHash[] _hashes;
    private readonly Dictionary<string, HttpUser> _people;
    private readonly Dictionary<UInt128, HttpUser> _verified = [];
    private readonly KeyedDigest _digest = new();
    private readonly Lock _lock = new();

    /// <param name="users">The users and the hashes of their passwords.</param>
    /// <param name="groups">The groups of those who are in some.</param>
    /// <param name="rules">What who may do at which path; null if every user may do everything.</param>
    public UserTable(Dictionary<string, PasswordHash> users, IReadOnlyDictionary<string, IReadOnlyList<string>>? groups = null,
        AccessRules? rules = null)
    {
        _users = users;
        _hashes = [.. users.Values];
        _people = users.Keys.ToDictionary(static name => name,
            name => new HttpUser(name, groups?.GetValueOrDefault(name) ?? []), StringComparer.Ordinal);
        Rules = rules;
    }

    /// <summary>What who may do at which path; null if every user may do everything.</summary>
    public AccessRules? Rules { get; }

    public int VerifiedCount
    {
        get
        {
            lock (_lock)
                return _verified.Count;
        }
    }

    /// <summary>
    /// What credentials are remembered by: nothing that could be turned back into them or found by trying passwords without the
    /// process's own key.
    /// </summary>
    public UInt128 DigestOf(ReadOnlySpan<byte> header) => _digest.Of(header);

    /// <summary>The user of credentials that were right before; null if they are not known.</summary>
    public HttpUser? FindVerified(UInt128 digest)
    {
        lock (_lock)
            return _verified.GetValueOrDefault(digest);
    }

    /// <summary>Remembers that credentials are those of a user of the table.</summary>
    public void Remember(UInt128 digest, string user)
    {
        lock (_lock)
        {
            // Clients whose entry was removed are verified again, which costs less than to keep an order of use.
            if (_verified.Count >= MaxVerified)
                _verified.Clear();
            _verified[digest] = _people[user];
        }
    }

    /// <summary>A user of the table.</summary>
    public HttpUser UserOf(string name) => _people[name];

    /// <summary>
    /// One derivation, whether there is the user or not. For a user who is not there it is that of one who is: always the same
    /// one for a name, so that with hashes of different cost no client learns by timing which names there are.
    /// </summary>
    public bool Verify(string user, string password)
    {
        var isKnown = _users.TryGetValue(user, out var hash);
        hash ??= StandInFor(user);
        return hash.Verify(password) & isKnown;
    }

    private PasswordHash StandInFor(string user) => _hashes[(int)(_digest.Of(user) % (UInt128)_hashes.Length)];
}
