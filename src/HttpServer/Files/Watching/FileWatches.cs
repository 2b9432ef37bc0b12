using Http.Server.Interop;
using Http.Server.Resources;

namespace Http.Server.Files.Watching;

/// <summary>
/// Watches of files by one instance of Linux's <c>inotify</c>: whether anything has happened to one is known without a look at
/// the file. A file's own inode is watched, and the inodes of all directories and links on the way to it; so writers that have
/// come by another name are seen, and what takes the place of anything on the way.
/// </summary>
/// <remarks>
/// The system queues an event before the call returns that made the change, so a look at the queue that comes after the change
/// sees it. Nothing is told of writes through a memory map or by <c>io_submit</c>, of writes to a layer below an overlay by way
/// of the overlay, of what is mounted over a directory, and of the end of a whole subvolume of Btrfs: whoever uses a watch looks
/// at the file all the same from time to time. A directory that this process may pass and not read cannot be watched.
/// </remarks>
internal sealed class FileWatches
{
    /// <summary>As many as one site keeps targets, twice.</summary>
    private const int MaxPaths = 1024;

    /// <summary>Watches together; the kernel keeps about a kilobyte for each.</summary>
    private const int MaxWatches = 4096;

    /// <summary>
    /// Milliseconds until a path is watched anew: one that changes all the time is to cost no more than the look at it.
    /// </summary>
    private const long RetryAfterChange = 1000;

    /// <summary>Milliseconds until a path is tried again that cannot be watched.</summary>
    private const long RetryAfterFailure = 60_000;

    /// <summary>Milliseconds for which watches stay at least before they make room for others.</summary>
    private const long MinStay = 60_000;

    private static readonly Lazy<FileWatches?> Shared = new(static () => Create());

    private readonly int _descriptor;
    private readonly int _maxPaths;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileWatch> _paths = [];
    private readonly Dictionary<int, HashSet<FileWatch>> _users = [];
    private readonly List<int> _changed = [];
    private long _emptiedAt = long.MinValue / 2;
    private int _isReading;

    private FileWatches(int descriptor, int maxPaths) => (_descriptor, _maxPaths) = (descriptor, maxPaths);

    /// <summary>
    /// The process's own, made when it is wanted first; null where there is none. Its descriptor stays open, one of the
    /// reserve of <see cref="ProcessBudget"/>.
    /// </summary>
    public static FileWatches? Process => Shared.Value;

    /// <summary>Paths that are known, those that cannot be watched just now included.</summary>
    public int Count => _paths.Count;

    /// <summary>Makes an instance.</summary>
    /// <param name="maxPaths">Paths that it watches at most.</param>
    /// <returns>Null where there are none, or no descriptor for it.</returns>
    public static FileWatches? Create(int maxPaths = MaxPaths)
    {
        var descriptor = -1;
        if (!LinuxFiles.IsSupported || !LinuxStat.Probe(() => (descriptor = Inotify.Create()) >= 0))
            return null;
        if (!ProcessBudget.IsLast(descriptor))
            return new FileWatches(descriptor, maxPaths);
        _ = Libc.Close(descriptor);
        return null;
    }

    /// <summary>
    /// Watches a file from now on; what happened to it before is not told. A path that is watched already has the same object
    /// again.
    /// </summary>
    /// <param name="path">The full path, without dot segments.</param>
    /// <returns>Null if it cannot be watched just now.</returns>
    public FileWatch? Find(string path)
    {
        // Who comes while another one reads or makes watches looks at the file instead, and nobody waits.
        if (!_lock.TryEnter())
            return null;
        try
        {
            var now = Environment.TickCount64;
            if (_paths.TryGetValue(path, out var known))
            {
                if (!known.IsBroken)
                    return known;
                if (now < known.RetryAt)
                    return null;
            }

            return MakeRoom(now) ? Make(path, now) : null;
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>Whether a watch is unbroken by all that has happened until now. False if that cannot be told at once.</summary>
    public bool Holds(FileWatch watch)
    {
        if (watch.IsBroken)
            return false;
        // 0.28 us, where the look at the file by its path (statx) takes 1.25: no path is walked, no attributes are copied.
        var pending = Inotify.CountBytes(_descriptor);
        if (pending != 0 && !TryRead(pending))
            return false;
        // The queue may be empty because another thread has just read it, and that thread may not have broken the watches yet.
        return Volatile.Read(ref _isReading) == 0 && !watch.IsBroken;
    }

    /// <summary>Reads the events that wait, and breaks the watches that they are about.</summary>
    /// <returns>False if they could not be read, or are being read by another thread.</returns>
    private bool TryRead(int pending)
    {
        if (!_lock.TryEnter())
            return false;
        try
        {
            // All see it before the first event is gone: this is a full fence, and the queue has a lock of its own. It stays if
            // this fails halfway, and then every file is looked at.
            Interlocked.Exchange(ref _isReading, 1);
            var isOverflow = false;
            var isRead = pending > 0;
            while (pending > 0 && isRead)
            {
                var length = Inotify.Read(_descriptor, _changed, ref isOverflow);
                pending -= length;
                isRead = length > 0;
            }

            var retryAt = Environment.TickCount64 + RetryAfterChange;
            foreach (var watch in _changed)
                BreakUsers(watch, retryAt);
            _changed.Clear();
            if (isOverflow)
                BreakAll(retryAt);
            Volatile.Write(ref _isReading, 0);
            return isRead;
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>Whether one more path may be watched. If there is no room, all others are dropped, from time to time.</summary>
    private bool MakeRoom(long now)
    {
        if (_paths.Count < _maxPaths && _users.Count < MaxWatches)
            return true;
        if (now - _emptiedAt < MinStay)
            return false;
        _emptiedAt = now;
        BreakAll(now);
        _paths.Clear();
        return true;
    }

    private FileWatch? Make(string path, long now)
    {
        var made = _paths[path] = new FileWatch(this);
        var isWhole = false;
        try
        {
            isWhole = PathWalk.TryVisit(path, (place, isFile) => Add(made, place, isFile));
        }
        finally
        {
            if (!isWhole)
                Break(made, now + RetryAfterFailure);
        }

        return isWhole ? made : null;
    }

    private bool Add(FileWatch user, ReadOnlySpan<byte> path, bool isFile)
    {
        var watch = Inotify.Add(_descriptor, path, isFile);
        if (watch < 0)
            return false;
        if (!_users.TryGetValue(watch, out var users))
            _users[watch] = users = [];
        users.Add(user);
        user.Watches.Add(watch);
        return true;
    }

    private void BreakAll(long retryAt)
    {
        foreach (var watch in _users.Keys.ToArray())
            BreakUsers(watch, retryAt);
    }

    private void BreakUsers(int watch, long retryAt)
    {
        if (!_users.TryGetValue(watch, out var users))
            return;
        foreach (var user in users.ToArray())
            Break(user, retryAt);
    }

    private void Break(FileWatch user, long retryAt)
    {
        user.Break(retryAt);
        foreach (var watch in user.Watches)
        {
            var users = _users[watch];
            users.Remove(user);
            if (users.Count > 0)
                continue;
            _users.Remove(watch);
            Inotify.Remove(_descriptor, watch);
        }

        user.Watches.Clear();
    }
}
