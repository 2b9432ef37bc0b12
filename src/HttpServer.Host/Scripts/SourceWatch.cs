namespace Http.Server.Host.Scripts;

/// <summary>Tells when one of some files has changed.</summary>
internal sealed class SourceWatch : IDisposable
{
    private readonly Dictionary<string, (DateTime Time, long Length)> _states;
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Action _changed;

    /// <param name="files">Full paths.</param>
    /// <param name="changed">
    /// Called, on any thread, when a file of a watched folder has changed: <see cref="HasChanged"/> tells whether it is one
    /// of these.
    /// </param>
    public SourceWatch(IEnumerable<string> files, Action changed)
    {
        _changed = changed;
        _states = files.ToDictionary(static file => file, StateOf, StringComparer.Ordinal);
        foreach (var folder in _states.Keys.Select(Path.GetDirectoryName).Distinct().Where(Directory.Exists))
        {
            var watcher = new FileSystemWatcher(folder!)
            {
                NotifyFilter =
                    NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
            };
            watcher.Changed += Notify;
            watcher.Created += Notify;
            watcher.Renamed += Notify;
            watcher.Deleted += Notify;
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
    }

    /// <summary>
    /// Whether a file differs from what it was when this was made. A missing file does not count: editors remove a file for
    /// a moment when they save it.
    /// </summary>
    public bool HasChanged() =>
        _states.Any(static entry => StateOf(entry.Key) is var state && state != default && state != entry.Value);

    public void Dispose() => _watchers.ForEach(static watcher => watcher.Dispose());

    private void Notify(object sender, FileSystemEventArgs change) => _changed();

    private static (DateTime Time, long Length) StateOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }
}
