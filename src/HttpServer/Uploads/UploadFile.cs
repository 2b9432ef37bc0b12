using Http.Server.Files;
using Http.Server.Transport;
using Http.Server.Work;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Uploads;

/// <summary>
/// A file on its way from a client to its directory: without a name, or under one of its own, until it is whole and on the disk,
/// and gone with this object unless it has been published.
/// </summary>
internal sealed class UploadFile : IAsyncDisposable
{
    /// <summary>Bytes written at once; what an upload under way holds while there is plenty of memory.</summary>
    private const int BlockSize = 64 * 1024;

    /// <summary>
    /// How often <see cref="SettleAsync"/> looks at the clock: where its steps are seconds, a weak validator is told
    /// instead.
    /// </summary>
    private const int MaxPauses = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly UploadFolder _folder;
    private readonly string? _temporaryName;
    private readonly SafeFileHandle _handle;
    private bool _isPublished;

    private UploadFile(UploadFolder folder, string name, string? temporaryName, SafeFileHandle handle) =>
        (_folder, Name, _temporaryName, _handle) = (folder, name, temporaryName, handle);

    /// <summary>The name that it is to have.</summary>
    public string Name { get; }

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>It has taken the place of another file.</summary>
    public bool HasReplaced { get; private set; }

    /// <summary>The stamp of the whole file; the default where it is not known for sure.</summary>
    public FileStamp Stamp { get; private set; }

    /// <summary>Begins a file.</summary>
    /// <param name="folder">Where; open for longer than the file.</param>
    /// <param name="name">The name that it is to have.</param>
    /// <exception cref="RequestFaultException">It cannot be made.</exception>
    public static UploadFile Create(UploadFolder folder, string name)
    {
        var handle = folder.Create(out var temporaryName);
        return new UploadFile(folder, name, temporaryName, handle);
    }

    /// <summary>Writes all of a stream and has it brought to the disk.</summary>
    /// <exception cref="RequestFaultException">The stream is broken, or the file cannot be written.</exception>
    public async ValueTask FillAsync(Stream content)
    {
        using (var block = BodyBlock.Take(BlockSize, WorkLimits.Shared.Received))
        {
            var buffer = block.Bytes;
            int count;
            do
            {
                count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false).ConfigureAwait(false);
                await LeavePollingAsync().ConfigureAwait(false);
                Write(buffer.AsSpan(0, count));
            }
            while (count == buffer.Length);
        }

        Finish();
    }

    /// <summary>Gives the file its name, at which requests find it whole.</summary>
    /// <param name="mayReplace">Decides on what has the name at that moment; throws if it is to stay.</param>
    /// <exception cref="RequestFaultException">The name is another's, or cannot be given.</exception>
    public void Publish(Func<bool> mayReplace)
    {
        HasReplaced = _folder.Publish(_handle, _temporaryName, Name, mayReplace);
        _isPublished = true;
        // Taking a name is a change of the file too.
        if (LinuxStat.IsSupported && LinuxStat.Read(_handle, out var stamp) == EntryKind.File)
            Stamp = stamp;
        _handle.Dispose();
    }

    /// <summary>Waits, for a few milliseconds at most, until no later change of the file can have the same stamp.</summary>
    public async ValueTask SettleAsync(Clock clock)
    {
        for (var count = 0; count < MaxPauses && Stamp != default && !Stamp.IsDistinct(clock.UtcNow); count++)
            await Task.Delay(Pause).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await LeavePollingAsync().ConfigureAwait(false);
        _handle.Dispose();
        if (!_isPublished && _temporaryName is not null)
            _folder.Delete(_temporaryName);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, Length);
            Length += bytes.Length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw UploadFault.OfFile(exception);
        }
    }

    /// <summary>Some file systems tell only now that there was no room.</summary>
    private void Finish()
    {
        try
        {
            RandomAccess.FlushToDisk(_handle);
            // Windows renames no file that its writer has open. Elsewhere the lock lasts until the file has its name.
            if (OperatingSystem.IsWindows())
                _handle.Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw UploadFault.OfFile(exception);
        }
    }

    /// <summary>The disk may be slow, and with inline completions this would hold up other connections.</summary>
    private static async ValueTask LeavePollingAsync()
    {
        if (InlineCompletions.IsEnabled)
            await Task.Yield();
    }
}
