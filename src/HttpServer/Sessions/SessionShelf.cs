using System.Runtime.CompilerServices;
using Http.Server.State;

namespace Http.Server.Sessions;

/// <summary>
/// Which sessions of a store in memory have been used when, so that the number and the size of all have a bound. Those without a
/// user go first: what anybody can begin does not end the sessions of those who have logged in.
/// </summary>
internal sealed class SessionShelf
{
    /// <summary>What an entry costs beside its bytes: the store's, its names, and the one here.</summary>
    private const int EntryBytes = 400;

    private static readonly ConditionalWeakTable<IHttpStateStore, SessionShelf> Shelves = [];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _visitors = [];
    private readonly LinkedList<Entry> _users = [];
    private long _bytes;

    public static SessionShelf Of(IHttpStateStore store) => Shelves.GetOrCreateValue(store);

    /// <summary>Notes that a session is used now.</summary>
    /// <param name="entry">The session.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="now">The time, in the unit of <see cref="Entry.Until"/>.</param>
    /// <returns>The sessions that have to go; null for none.</returns>
    public List<string>? Touch(in Entry entry, HttpSessionOptions options, long now)
    {
        List<string>? gone = null;
        lock (_lock)
        {
            Take(entry.Key);
            var list = entry.HasUser ? _users : _visitors;
            _entries.Add(entry.Key, list.AddLast(entry));
            _bytes += SizeOf(entry);
            // What has expired the store forgets by itself. Sessions that are used less stand before those used more.
            while (IsOver(_visitors, now) || IsOver(_users, now))
                Take((IsOver(_visitors, now) ? _visitors : _users).First!.Value.Key);
            while (_entries.Count > options.MaxCount || (_bytes > options.MaxTotalBytes && _entries.Count > 1))
            {
                var oldest = (_visitors.First ?? _users.First!).Value.Key;
                // The newest may be the only one without a user.
                if (oldest == entry.Key)
                    oldest = _users.First!.Value.Key;
                Take(oldest);
                (gone ??= []).Add(oldest);
            }
        }

        return gone;
    }

    /// <summary>Forgets a session that has ended.</summary>
    public void Remove(string key)
    {
        lock (_lock)
            Take(key);
    }

    private static bool IsOver(LinkedList<Entry> list, long now) => list.First is { } first && first.Value.Until <= now;

    private static int SizeOf(in Entry entry) => entry.Bytes + EntryBytes;

    private void Take(string key)
    {
        if (!_entries.Remove(key, out var node))
            return;
        node.List!.Remove(node);
        _bytes -= SizeOf(node.Value);
    }

    /// <summary>A session.</summary>
    /// <param name="Key">Its name in the store.</param>
    /// <param name="Bytes">Its size there.</param>
    /// <param name="HasUser">Somebody has logged in.</param>
    /// <param name="Until">The timestamp at which it expires.</param>
    public readonly record struct Entry(string Key, int Bytes, bool HasUser, long Until);
}
