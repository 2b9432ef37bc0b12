using Http.Server.Archives;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.StaticFiles;

namespace Http.Server;

/// <content>Directories as one file.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>
    /// Whether directories can be downloaded with all that is below them: <c>?archive=zip</c> and <c>?archive=tar</c>, also where an index
    /// page stands for the listing. What a request would not find is not in the archive; what is there and cannot be read is told in the log, and
    /// by name in a file <c>httpserver-skipped.txt</c> at the archive's end. Default false.
    /// </summary>
    public bool Archive { get; set; }

    /// <summary>Whether the target, if it is a directory's, asks for its archive and may have it.</summary>
    private bool WantsArchive(StaticTarget target) => Archive && target.Listing.Archive is not null;

    private FileContent? SendArchive(StaticTarget target, string path, ArchiveFormat format)
    {
        ArchiveWalk walk;
        var name = ArchiveName.OfTop(target.Url!.Segments);
        try
        {
            walk = new ArchiveWalk(Root, path, name, Symlinks, HideDotfiles, OpenEntry, OpenDirectory);
        }
        catch (Exception exception) when (PortableFiles.IsMissing(exception))
        {
            return NoListing(path, exception);
        }

        // Without a length: nobody knows it before. An archive that ends early is a broken chunked body, which no client takes for whole.
        var type = DirectoryArchive.ContentTypeOf(format);
        SendResponse(200);
        SendHeader("Content-Type", type);
        SendHeader("Content-Disposition", ContentDisposition.Attachment(name + DirectoryArchive.ExtensionOf(format)));
        SendHeader("Cache-Control", RevalidateAlways);
        SendHeader("X-Content-Type-Options", "nosniff");
        EndHeaders();
        return new FileContent(output => WriteArchiveAsync(walk, format, output), type);
    }

    private async ValueTask WriteArchiveAsync(ArchiveWalk walk, ArchiveFormat format, Stream output)
    {
        await DirectoryArchive.WriteAsync(walk, format, output).ConfigureAwait(false);
        if (walk.SkippedCount > 0)
            LogMessage("An archive lacks {0} that cannot be read: {1}", walk.SkippedCount == 1 ? "an item" : $"{walk.SkippedCount} items", walk.FirstSkipped);
    }
}
