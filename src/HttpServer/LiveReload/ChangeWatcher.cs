using Http.Server.Files;

namespace Http.Server.LiveReload;

/// <summary>
/// Watches a directory and all below it for as long as there are subscribers, and a while longer. All of a site's pages share one
/// object.
/// </summary>
internal sealed class ChangeWatcher
{
    /// <summary>
    /// Of a save that is several writes, and a build that is many files, pages shall see one change. In
    /// milliseconds.
    /// </summary>
    private const long Quiet = 100;

    /// <summary>Longest that an endless row of changes is waited for.</summary>
    private const long MaxRow = 1000;

    /// <summary>
    /// A page that is loaded anew, or a hidden tab that is shown again, finds its watcher alive and learns what it has
    /// missed.
    /// </summary>
    private const long Lingering = 60_000;

    /// <summary>
    /// How often the directory itself is looked at: a build tool may put a new one in its place, which no event
    /// tells.
    /// </summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly Action<string> _warn;
    private readonly Lock _changes = new();
    private readonly Lock _starting = new();
    private readonly Lock _joining = new();
    private readonly ITimer _settling;
    private readonly ITimer _beat;
    private FileSystemWatcher? _watcher;
    private FileStamp _stamp;
    private int _isLooking;
    private bool _hasWarned;
    private bool _hasEnded;
    private int _subscribers;
    private bool _isClosed;
    private long _leftAt;
    private long _rowSince = -1;
    private bool _isStyleOnly;
    private volatile Change _current = new(Guid.NewGuid().ToString("N")[..12], 0, isStyleOnly: false);

    /// <param name="directory">A full path.</param>
    /// <param name="time">The server's clock.</param>
    /// <param name="warn">Told once why something cannot be watched.</param>
    public ChangeWatcher(string directory, TimeProvider time, Action<string> warn)
    {
        _directory = directory;
        _time = time;
        _origin = time.GetTimestamp();
        _warn = warn;
        _settling = time.CreateTimer(static watcher => ((ChangeWatcher)watcher!).Publish(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _beat = time.CreateTimer(static watcher => ((ChangeWatcher)watcher!).Look(), this, Beat, Beat);
    }

    /// <summary>The directory's state now.</summary>
    public Change Current => _current;

    private long Now => (long)_time.GetElapsedTime(_origin).TotalMilliseconds;

    /// <summary>Whether it takes subscribers; once it does not, it never will.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_joining)
                return !_isClosed;
        }
    }

    /// <summary>Adds a subscriber, who calls <see cref="Start"/> then, and <see cref="Leave"/> at the end.</summary>
    /// <returns>False if nothing is watched here any more.</returns>
    public bool TryJoin()
    {
        lock (_joining)
        {
            if (!_isClosed)
                _subscribers++;
            return !_isClosed;
        }
    }

    /// <summary>Ends a subscription.</summary>
    /// <param name="atOnce">No subscriber will come back: the server ends.</param>
    public void Leave(bool atOnce)
    {
        lock (_joining)
        {
            _leftAt = Now;
            if (--_subscribers > 0 || !atOnce)
                return;
            _isClosed = true;
        }

        End();
    }

    /// <summary>Watches from now on; waits for the disk.</summary>
    public void Start()
    {
        lock (_starting)
        {
            if (_watcher is not null || _hasEnded)
                return;
            if (ContentRoot.Stat(_directory, out _stamp) != EntryKind.Directory)
                return;
            FileSystemWatcher? watcher = null;
            try
            {
                watcher = new FileSystemWatcher(_directory)
                {
                    IncludeSubdirectories = true,
                    NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName
                        | NotifyFilters.LastWrite | NotifyFilters.Size,
                    // The buffer holds the events of a whole build. Events that are lost cost no more than a reload, and are
                    // lost less often.
                    InternalBufferSize = 64 * 1024,
                };
                watcher.Changed += (_, change) => RecordWrite(change.FullPath);
                watcher.Created += (_, change) => Record(change.FullPath);
                watcher.Deleted += (_, change) => Record(change.FullPath);
                watcher.Renamed += (_, change) => Record(change.OldFullPath, change.FullPath);
                watcher.Error += (sender, error) => RecordError((FileSystemWatcher)sender, error.GetException());
                watcher.EnableRaisingEvents = true;
                _watcher = watcher;
            }
            catch (Exception exception) when (
                exception is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
            {
                watcher?.Dispose();
                Warn(exception);
            }
        }
    }

    private void Restart()
    {
        lock (_starting)
        {
            _watcher?.Dispose();
            _watcher = null;
        }

        Start();
        lock (_changes)
            Begin(isStyle: false);
    }

    private void End()
    {
        lock (_starting)
        {
            _hasEnded = true;
            _watcher?.Dispose();
            _watcher = null;
        }

        _beat.Dispose();
        _settling.Dispose();
    }

    /// <summary>Looks whether there are subscribers still, and whether the directory is still the same.</summary>
    private void Look()
    {
        lock (_joining)
            _isClosed |= _subscribers == 0 && Now - _leftAt > Lingering;
        if (!IsOpen)
        {
            End();
            return;
        }

        // To begin anew takes longer than a beat where there is much to watch.
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
            return;
        var kind = ContentRoot.Stat(_directory, out var stamp);
        var isSame = kind == EntryKind.Directory && (stamp.Device, stamp.Inode) == (_stamp.Device, _stamp.Inode);
        if (!isSame && (kind == EntryKind.Directory || _watcher is not null))
            Restart();
        Volatile.Write(ref _isLooking, 0);
    }

    /// <summary>A directory's new date alone is no change: the name that has come or gone in it is reported too.</summary>
    private void RecordWrite(string path)
    {
        if (!Directory.Exists(path))
            Record(path);
    }

    private void Record(string path, string? other = null)
    {
        var isIgnored = IsIgnored(path);
        // A rename may begin or end at a name that does not matter: editors save so.
        if (isIgnored && (other is null || IsIgnored(other)))
            return;
        lock (_changes)
            Begin((isIgnored || ChangedName.IsStyle(path)) && (other is null || IsIgnored(other) || ChangedName.IsStyle(other)));
    }

    private bool IsIgnored(string path) =>
        path.Length > _directory.Length
            && ChangedName.IsIgnored(path.AsSpan(_directory.Length).TrimStart(Path.DirectorySeparatorChar));

    /// <summary>Begins a row of changes or adds to it.</summary>
    private void Begin(bool isStyle)
    {
        var now = Now;
        _isStyleOnly = isStyle && (_rowSince < 0 || _isStyleOnly);
        if (_rowSince < 0)
            _rowSince = now;
        _settling.Change(TimeSpan.FromMilliseconds(Math.Clamp(_rowSince + MaxRow - now, 0, Quiet)), Timeout.InfiniteTimeSpan);
    }

    private void Publish()
    {
        lock (_changes)
        {
            if (_rowSince < 0)
                return;
            _rowSince = -1;
            _current = _current.Follow(_isStyleOnly);
        }
    }

    private void RecordError(FileSystemWatcher watcher, Exception exception)
    {
        // More changes came than the buffer holds, so any file may have changed.
        if (exception is not InternalBufferOverflowException)
            Warn(exception);
        lock (_changes)
            Begin(isStyle: false);
        // On other systems the watcher has ended with its error.
        if (!OperatingSystem.IsLinux() && exception is not InternalBufferOverflowException && ReferenceEquals(watcher, _watcher))
            ThreadPool.UnsafeQueueUserWorkItem(static watcher => watcher.Restart(), this, preferLocal: false);
    }

    private void Warn(Exception exception)
    {
        if (_hasWarned)
            return;
        _hasWarned = true;
        var remedy = OperatingSystem.IsLinux()
            ? " Raise fs.inotify.max_user_watches and fs.inotify.max_user_instances (sysctl), or serve a smaller directory."
            : "";
        _warn($"Live reload does not see all changes below {_directory}: {exception.Message}{remedy}");
    }
}
