using Http.Server.Files;
using Http.Server.Interop;

namespace Http.Server.Uploads;

/// <summary>Where a site takes files in.</summary>
/// <param name="root">The site's directory.</param>
/// <param name="overwrites">A file may take the place of another one.</param>
/// <param name="namesAtOnce">Files on their way have temporary names, as on file systems where they must.</param>
internal sealed class UploadArea(ContentRoot root, bool overwrites, bool namesAtOnce)
{
    private int _isCleared;

    public bool Overwrites => overwrites;

    /// <summary>Opens a directory to put files into. Links are never followed here, with any policy of the site.</summary>
    /// <param name="fullPath">A full path that the root covers.</param>
    /// <param name="log">Told of what was removed, if this is the first use of the area.</param>
    /// <exception cref="RequestFaultException">There is no such directory.</exception>
    public UploadFolder Open(string fullPath, IHttpLog log)
    {
        if (Volatile.Read(ref _isCleared) == 0)
            _ = RemoveAbandonedAsync(log, CancellationToken.None);
        var relative = root.RelativeOf(fullPath);
        return LinuxStat.IsSupported && root.GetHandle() is { } handle
            ? UploadFolder.Open(handle, relative, namesAtOnce)
            : UploadFolder.Open(root.FullPath, relative);
    }

    /// <summary>
    /// Removes what servers that were killed have left of uploads; reads directories for a second or two if there are
    /// many.
    /// </summary>
    /// <param name="log">Told how many were removed, if any were.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>How many files were removed.</returns>
    public async Task<int> RemoveAbandonedAsync(IHttpLog? log, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _isCleared, 1);
        try
        {
            var count = await Task.Factory.StartNew(
                () => RemoveAbandoned(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default)
                .ConfigureAwait(false);
            if (count > 0)
                log?.Message(LogLevel.Information, null,
                    $"Removed {count} unfinished {(count == 1 ? "upload" : "uploads")} "
                    + $"that a server has left in {root.FullPath}.");
            return count;
        }
        catch (TaskSchedulerException)
        {
            // The system has no thread to give: the next start finds them.
            return 0;
        }
    }

    private int RemoveAbandoned(CancellationToken cancellationToken)
    {
        try
        {
            if (LinuxStat.IsSupported && LinuxDirectory.IsSupported)
                return root.GetHandle() is { } handle ? AbandonedUploads.Remove(handle, cancellationToken) : 0;
            return PortableFiles.Resolve(root.FullPath, out _) is { } realRoot
                ? AbandonedUploads.Remove(realRoot, cancellationToken)
                : 0;
        }
        catch (RequestFaultException)
        {
            // Descriptors are short: requests need them more.
            return 0;
        }
    }
}
