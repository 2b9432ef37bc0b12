namespace Http.Server.PowerShell.Handlers.Forms;

/// <summary>
/// Names of temporary files that must have one, for handlers to open. They begin with a name of the process, and a locked file of
/// that name says that the process lives: what a process leaves that is killed, the next server to start removes.
/// </summary>
/// <param name="folder">The directory for temporary files.</param>
internal sealed class TemporaryNames(string folder) : IDisposable
{
    private const string Prefix = "httpserver-";
    private const string LockEnding = ".lock";
    private const int MaxAttempts = 5;

    private readonly Lock _lock = new();
    private string? _own;
    private FileStream? _ownLock;

    /// <summary>Those of this process.</summary>
    public static TemporaryNames Shared { get; } = MakeShared();

    /// <summary>The path of a file that is not there yet. It cannot be guessed.</summary>
    /// <param name="ending">What the name ends with, after a dot.</param>
    public string MakePath(string ending)
    {
        lock (_lock)
        {
            if (_own is null)
                Begin();
        }

        return Path.Combine(folder, $"{_own}-{Guid.NewGuid():N}.{ending}");
    }

    /// <summary>Removes what processes have left that live no more.</summary>
    /// <returns>How many files.</returns>
    public int RemoveAbandoned()
    {
        var removed = 0;
        try
        {
            foreach (var path in Directory.GetFiles(folder, Prefix + "*" + LockEnding))
            {
                var name = Path.GetFileNameWithoutExtension(path);
                if (name == _own || !IsLock(path) || !HasLocks() || TryLock(path) is not { } held)
                    continue;
                using (held)
                    removed += RemoveFiles(name);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The files stay until the next start.
        }

        return removed;
    }

    /// <summary>Removes what is left of this process' files, and its name.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_own is not null)
                RemoveFiles(_own);
            _ownLock?.Dispose();
            (_own, _ownLock) = (null, null);
        }
    }

    private static TemporaryNames MakeShared()
    {
        var shared = new TemporaryNames(Path.GetTempPath());
        AppDomain.CurrentDomain.ProcessExit += (_, _) => shared.Dispose();
        return shared;
    }

    private void Begin()
    {
        for (var attempt = 1; _own is null; attempt++)
        {
            var name = Prefix + Guid.NewGuid().ToString("N");
            FileStream? made = null;
            try
            {
                made = Open(Path.Combine(folder, name + LockEnding), FileMode.CreateNew);
            }
            catch (IOException) when (attempt < MaxAttempts)
            {
                // Another process takes it for abandoned, in the moment before it is locked.
            }

            if (made is not null && File.Exists(made.Name))
                (_own, _ownLock) = (name, made);
            else
                made?.Dispose();
        }
    }

    /// <summary>Some file systems have no locks, and each file seems abandoned there.</summary>
    private bool HasLocks()
    {
        using var first = Open(MakePath("probe"), FileMode.CreateNew);
        return TryLock(first.Name) is null;
    }

    /// <returns>Null if a process that lives has locked it.</returns>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return Open(path, FileMode.Open);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Opens and locks a file, which is deleted when it is closed.</summary>
    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows() && mode == FileMode.CreateNew)
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>In a directory that all users share a file may have any name, and lead anywhere.</summary>
    private static bool IsLock(string path) =>
        Guid.TryParseExact(Path.GetFileNameWithoutExtension(path)[Prefix.Length..], "N", out _)
        && new FileInfo(path).LinkTarget is null;

    private int RemoveFiles(string name)
    {
        var removed = 0;
        foreach (var file in Directory.GetFiles(folder, name + "-*"))
        {
            try
            {
                File.Delete(file);
                removed++;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // On Windows another program has the file open.
            }
        }

        return removed;
    }
}
