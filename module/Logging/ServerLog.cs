namespace Http.Server.PowerShell.Logging;

/// <summary>
/// A server's log: the last entries in memory, for <c>Receive-HttpServerLog</c>, and every line in a file if there is one.
/// </summary>
internal sealed class ServerLog : IHttpLog, IDisposable
{
    /// <summary>Entries kept; at some 500 bytes each they stay within a few megabytes.</summary>
    private const int Capacity = 10_000;

    private readonly object _lock = new();
    private readonly HttpServerLogEntry?[] _entries = new HttpServerLogEntry?[Capacity];
    private readonly string _server;
    private readonly TextLog? _file;
    private readonly bool _isQuiet;
    private readonly bool _isTimed;
    private long _count;
    private long _read;
    private int _followers;

    /// <param name="server">The server's name.</param>
    /// <param name="file">Takes every line as well; disposed with the log.</param>
    /// <param name="isQuiet">Requests are not logged, messages are.</param>
    /// <param name="isTimed">Requests are timed also if they are not logged: somebody else wants to know it.</param>
    public ServerLog(string server, TextLog? file, bool isQuiet, bool isTimed = false) =>
        (_server, _file, _isQuiet, _isTimed) = (server, file, isQuiet, isTimed);

    /// <summary>Called with each failure of a handler.</summary>
    public Action<HttpServerErrorEventArgs>? Failed { get; set; }

    /// <summary>Called with each entry, on the thread that logs.</summary>
    public Action<HttpServerLogEntry>? Written { get; set; }

    /// <inheritdoc/>
    public bool TakesRequests => !_isQuiet || _isTimed;

    /// <inheritdoc/>
    public void Request(in RequestRecord record)
    {
        if (_isQuiet)
            return;
        _file?.Request(record);
        var line = record.RequestLine;
        var afterMethod = line.IndexOf((byte)' ');
        var beforeVersion = line.LastIndexOf((byte)' ');
        Add(new HttpServerLogEntry
        {
            Server = _server,
            Time = record.Time.ToLocalTime(),
            RequestId = record.Id,
            Client = record.Client,
            User = record.User,
            Method = Text(afterMethod < 0 ? line : line[..afterMethod]) ?? "",
            Path = Text(afterMethod < 0
                ? []
                : line[(afterMethod + 1)..(beforeVersion > afterMethod ? beforeVersion : line.Length)]) ?? "",
            Status = record.Status,
            Bytes = record.BodyBytes,
            Duration = record.Elapsed,
            Referer = Text(record.Referer),
            UserAgent = Text(record.UserAgent),
        });
    }

    /// <inheritdoc/>
    public void Message(LogLevel level, string? client, string message) => Script(level, client, null, message);

    /// <inheritdoc/>
    public void Fault(string? client, string requestId, string what, Exception exception)
    {
        var record = ErrorText.RecordOf(exception);
        // The text has no stack trace, which would show the library's code and not the script's.
        var text = record is null
            && exception is not AnswerException ? $"{exception.GetType().Name}: {exception.Message}" : ErrorText.Of(exception);
        Script(LogLevel.Error, client, requestId, $"{what}: {text}");
        Failed?.Invoke(new HttpServerErrorEventArgs(_server, requestId, client, text, record,
            exception is AnswerException { InnerException: { } cause } ? cause : exception));
    }

    /// <summary>Logs what a handler wrote to one of its streams.</summary>
    public void Script(LogLevel level, string? client, string? requestId, string message)
    {
        _file?.Message(level, client, requestId is null ? message : $"[{requestId}] {message}");
        Add(new HttpServerLogEntry
        {
            Server = _server,
            Time = DateTime.Now,
            Level = level,
            RequestId = requestId,
            Client = client,
            Message = SafeText.Of(message),
        });
    }

    /// <summary>The entries that have not been read, the oldest first; those that have been overwritten are lost.</summary>
    /// <param name="keep">They count as unread still.</param>
    public List<HttpServerLogEntry> Read(bool keep)
    {
        lock (_lock)
        {
            var entries = From(_read, out var next);
            if (!keep)
                _read = next;
            return entries;
        }
    }

    /// <summary>The newest entries, the newest first; they count as unread still.</summary>
    public List<HttpServerLogEntry> Newest(int count)
    {
        lock (_lock)
        {
            var entries = From(_count - count, out _);
            entries.Reverse();
            return entries;
        }
    }

    /// <summary>Waits for entries after a position, and reads them.</summary>
    /// <param name="position">0 to begin; set to where to go on.</param>
    /// <param name="timeout">How long to wait.</param>
    public List<HttpServerLogEntry> Follow(ref long position, TimeSpan timeout)
    {
        lock (_lock)
        {
            if (position >= _count)
            {
                _followers++;
                Monitor.Wait(_lock, timeout);
                _followers--;
            }

            return From(position, out position);
        }
    }

    /// <summary>Where the unread entries begin.</summary>
    public long Position
    {
        get
        {
            lock (_lock)
                return _read;
        }
    }

    /// <summary>Marks everything before a position as read.</summary>
    public void MarkRead(long position)
    {
        lock (_lock)
            _read = Math.Max(_read, position);
    }

    /// <summary>Ends the waiting of <see cref="Follow"/>.</summary>
    public void WakeFollowers()
    {
        lock (_lock)
            Monitor.PulseAll(_lock);
    }

    /// <summary>Has the file, if there is one, opened anew.</summary>
    public void Reopen() => _file?.Reopen();

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        WakeFollowers();
    }

    private List<HttpServerLogEntry> From(long position, out long next)
    {
        var entries = new List<HttpServerLogEntry>();
        for (position = Math.Max(position, Math.Max(0, _count - Capacity)); position < _count; position++)
            entries.Add(_entries[position % Capacity]!);
        next = position;
        return entries;
    }

    private void Add(HttpServerLogEntry entry)
    {
        lock (_lock)
        {
            _entries[_count++ % Capacity] = entry;
            if (_followers > 0)
                Monitor.PulseAll(_lock);
        }

        Written?.Invoke(entry);
    }

    /// <summary>Bytes of a request as text; null if there are none.</summary>
    private static string? Text(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? null : SafeText.Of(bytes);
}
