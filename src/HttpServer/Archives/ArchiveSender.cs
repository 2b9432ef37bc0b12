using Http.Server.Headers;
using Http.Server.Transport;

namespace Http.Server.Archives;

/// <summary>Sends a directory with all that is below it as one file.</summary>
internal static class ArchiveSender
{
    /// <summary>Sends the head for an archive, whose body is made while it is sent.</summary>
    /// <param name="context">The request.</param>
    /// <param name="walk">What is archived.</param>
    /// <param name="name">The archive's name without its extension.</param>
    /// <param name="format">Zip or tar.</param>
    public static FileContent SendHead(IHandlerContext context, ArchiveWalk walk, string name, ArchiveFormat format)
    {
        // The head has no length, because the archive's size is not known yet. An archive that ends early is then a broken
        // chunked body, which no client takes for a complete one.
        var type = DirectoryArchive.ContentTypeOf(format);
        context.SendResponse(200);
        context.SendHeader("Content-Type", type);
        context.SendHeader("Content-Disposition", ContentDisposition.Attachment(name + DirectoryArchive.ExtensionOf(format)));
        context.SendHeader("Cache-Control", "no-cache");
        context.SendHeader("X-Content-Type-Options", "nosniff");
        context.EndHeaders();
        return FileContent.OfGenerated(output => WriteAsync(context, walk, format, output), type);
    }

    private static async ValueTask WriteAsync(IHandlerContext context, ArchiveWalk walk, ArchiveFormat format, Stream output)
    {
        await DirectoryArchive.WriteAsync(walk, format, output).ConfigureAwait(false);
        if (walk.SkippedCount > 0)
            context.LogMessage(
                "An archive lacks {0} that cannot be read: {1}",
                walk.SkippedCount == 1 ? "an item" : $"{walk.SkippedCount} items", walk.FirstSkipped);
    }
}
