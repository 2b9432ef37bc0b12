using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Http.Server.Files;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Archives;

/// <summary>
/// Writes a directory as one file while it is sent: nothing of it is kept but, for a ZIP archive's end, the
/// names.
/// </summary>
internal static class DirectoryArchive
{
    private const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode DirectoryMode =
        FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // The years that a ZIP archive's time can hold.
    private static readonly DateTime ZipEpoch = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Local);
    private static readonly DateTime ZipEnd = new(2107, 12, 31, 23, 59, 58, DateTimeKind.Local);

    public static string ContentTypeOf(ArchiveFormat format) =>
        format == ArchiveFormat.Zip ? "application/zip" : "application/x-tar";

    public static string ExtensionOf(ArchiveFormat format) => format == ArchiveFormat.Zip ? ".zip" : ".tar";

    /// <summary>Writes an archive of a walk.</summary>
    /// <exception cref="IOException">
    /// A file cannot be read or has become shorter than promised, or the client is gone. The output has no good end then.
    /// </exception>
    public static async ValueTask WriteAsync(ArchiveWalk walk, ArchiveFormat format, Stream to)
    {
        var output = new ArchiveOutput(to);
        try
        {
            if (format == ArchiveFormat.Zip)
                await WriteZipAsync(walk, output).ConfigureAwait(false);
            else
                await WriteTarAsync(walk, output).ConfigureAwait(false);
        }
        catch
        {
            output.Break();
            throw;
        }
    }

    private static async Task WriteZipAsync(ArchiveWalk walk, ArchiveOutput output)
    {
        // After a fault the archive is not disposed of, because that would write its end.
        var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null)
            .ConfigureAwait(false);
        foreach (var item in walk.Items())
        {
            using var handle = item.Handle;
            // The fastest level is as fast as a network. A higher one would take processor time from other requests.
            var entry = zip.CreateEntry(item.Name, CompressionLevel.Fastest);
            entry.LastWriteTime = ToZipTime(item.Stamp.ModifiedUtc);
            if (handle is null)
                continue;
            // Sizes follow the content, so a file that becomes shorter is in the archive as it was read.
            var content = Open(handle, item.Stamp.Size, isPromised: false);
            var stream = await entry.OpenAsync().ConfigureAwait(false);
            await content.CopyToAsync(stream).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }

        if (walk.Note() is var (name, text))
        {
            var note = zip.CreateEntry(name, CompressionLevel.Fastest);
            var stream = await note.OpenAsync().ConfigureAwait(false);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text)).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }

        await zip.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task WriteTarAsync(ArchiveWalk walk, ArchiveOutput output)
    {
        var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var item in walk.Items())
        {
            using var handle = item.Handle;
            var entry = new PaxTarEntry(handle is null ? TarEntryType.Directory : TarEntryType.RegularFile, item.Name)
            {
                Mode = handle is null ? DirectoryMode : FileMode,
                ModificationTime = item.Stamp.ModifiedUtc < DateTime.UnixEpoch ? DateTime.UnixEpoch : item.Stamp.ModifiedUtc,
            };
            if (handle is not null)
                entry.DataStream = Open(handle, item.Stamp.Size, isPromised: true);
            await tar.WriteEntryAsync(entry).ConfigureAwait(false);
        }

        if (walk.Note() is var (name, text))
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                Mode = FileMode,
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false),
            }).ConfigureAwait(false);
        await tar.DisposeAsync().ConfigureAwait(false);
    }

    private static Stream Open(SafeFileHandle handle, long length, bool isPromised) =>
        MadeFile.Is(handle, length)
            ? new MemoryStream(MadeFile.Read(handle), writable: false)
            : new ArchivedFile(handle, length, isPromised);

    private static DateTimeOffset ToZipTime(DateTime utc)
    {
        var local = utc.ToLocalTime();
        return local < ZipEpoch ? ZipEpoch : local > ZipEnd ? ZipEnd : local;
    }
}
