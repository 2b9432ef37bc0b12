namespace Http.Server.Transport;

/// <summary>Files that hold what is too long for memory. They have no name where the system allows that, so nothing stays after a crash.</summary>
internal static class TemporaryFile
{
    /// <summary>Makes an empty file for this user alone, which is gone when it is disposed.</summary>
    public static FileStream Create()
    {
        var path = Path.Combine(Path.GetTempPath(), $"httpserver-{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | (OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None),
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
