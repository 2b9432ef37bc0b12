using Http.Server.Resources;

namespace Http.Server.Authentication;

/// <summary>
/// Users whose credentials were right, for a short time: by a keyed hash, which tells nothing of the credential without the
/// process's own key. Wrong credentials are not remembered, so that clients cannot fill the table with what they make up.
/// </summary>
/// <param name="time">For how long; zero for not.</param>
internal sealed class RememberedUsers(TimeSpan time)
{
    /// <summary>Credentials that are known at once; beyond it, all are checked anew.</summary>
    public const int Max = 1024;

    private readonly long _time = (long)time.TotalMilliseconds;
    private readonly KeyedDigest _digest = new();
    private readonly Dictionary<UInt128, (HttpUser User, long Until)> _known = [];
    private readonly Lock _lock = new();

    public int Count
    {
        get
        {
            lock (_lock)
                return _known.Count;
        }
    }

    /// <summary>What a credential is remembered by.</summary>
    public UInt128 DigestOf(string credential) => _digest.Of(credential);

    /// <summary>The user of a credential; null if none is known, or the time is over.</summary>
    /// <param name="digest">The credential's digest.</param>
    /// <param name="now">Milliseconds of a clock that never goes back.</param>
    public HttpUser? Find(UInt128 digest, long now)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(digest, out var entry))
                return null;
            if (now < entry.Until)
                return entry.User;
            _known.Remove(digest);
            return null;
        }
    }

    public void Remember(UInt128 digest, HttpUser user, long now)
    {
        if (_time <= 0)
            return;
        lock (_lock)
        {
            // Clients whose entry was removed are checked again, which costs less than to keep an order of use.
            if (_known.Count >= Max)
                _known.Clear();
            _known[digest] = (user, now + _time);
        }
    }
}
