using Http.Server.Transport;

namespace Http.Server.Authentication.Jwt;

/// <summary>
/// The keys of a file, read anew when it has changed, which is looked for at most every 5 seconds. If it then is wrong, the keys
/// stay as they were, and the log says why.
/// </summary>
internal sealed class KeySetFile
{
    private const long MaxFile = 1 << 20;
    private const long CheckInterval = 5000;

    private readonly string _path;
    private volatile IReadOnlyList<IJwtKey> _keys;
    private string _stamp;
    private long _nextCheck = long.MinValue;

    /// <exception cref="ArgumentException">The file is missing or wrong.</exception>
    public KeySetFile(string path)
    {
        _path = Path.GetFullPath(path);
        _stamp = StampOf(_path);
        _keys = Load(_path);
    }

    /// <summary>The keys, after a look at the file if it is time for one.</summary>
    public IReadOnlyList<IJwtKey> Find(Connection connection)
    {
        var now = connection.Clock.Milliseconds;
        var due = Interlocked.Read(ref _nextCheck);
        // One request looks at the file; others use the keys that are known.
        if (now >= due && Interlocked.CompareExchange(ref _nextCheck, now + CheckInterval, due) == due)
            Renew(connection.Options.Log);
        return _keys;
    }

    private static string StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks}/{file.Length}" : "";
    }

    private static IReadOnlyList<IJwtKey> Load(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxFile)
                throw new ArgumentException($"The set of keys {path} is larger than 1 MiB.");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return KeyReader.ReadSet(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Cannot read the set of keys {path}: {exception.Message}", exception);
        }
    }

    private void Renew(IHttpLog log)
    {
        try
        {
            var stamp = StampOf(_path);
            if (stamp == _stamp)
                return;
            _stamp = stamp;
            _keys = Load(_path);
            log.Message(LogLevel.Information, null, $"The keys in {_path} were read anew.");
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            log.Message(LogLevel.Error, null, $"The keys in {_path} cannot be used; the old ones stay. {exception.Message}");
        }
    }
}
