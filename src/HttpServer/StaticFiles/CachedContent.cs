using Http.Server.Files;
using Http.Server.Listings;

namespace Http.Server.StaticFiles;

/// <summary>A small file's, or a listing's, content with the stamp that it holds for.</summary>
internal sealed class CachedContent
{
    /// <summary>
    /// Content is read anew after a second even if its stamp still fits: a program that writes through a memory map can change a file
    /// long before its stamp; and the sizes in a listing change without the directory's stamp.
    /// </summary>
    private const long MostAge = 1000;

    private readonly byte[] _encodedPath;
    private readonly FileStamp _stamp;
    private readonly long _madeAt;

    private CachedContent(string path, FileStamp stamp, long madeAt, FileContent content)
    {
        Path = path;
        _encodedPath = LinuxFiles.Encode(path);
        _stamp = stamp;
        _madeAt = madeAt;
        Content = content;
    }

    /// <summary>What the stamp is of: the file, or the listed directory.</summary>
    public string Path { get; }

    /// <summary>The index page that was found in a directory; null if the target named the file, or for a listing.</summary>
    public string? IndexPage { get; private init; }

    /// <summary>A link has led to a name that begins with a dot: a handler that hides these does not send it.</summary>
    public bool LeadsToHidden { get; private init; }

    /// <summary>For a listing, the index pages that the directory does not have; null for a file.</summary>
    public IReadOnlyList<string>? MissingPages { get; private init; }

    /// <summary>For a listing, what else it depends on.</summary>
    public ListingShape Shape { get; private init; }

    public FileContent Content { get; }

    /// <summary>Bytes that are kept, those of the compressed files beside it included.</summary>
    public long Size => Content.Length + (Content.PrecompressedFiles?.Size ?? 0);

    /// <summary>Whether stamps here are exact enough to keep content by.</summary>
    public static bool IsPossible => LinuxFiles.IsSupported;

    /// <param name="path">The file.</param>
    /// <param name="stamp">Its stamp, taken before the content was read.</param>
    /// <param name="madeAt">The clock's milliseconds.</param>
    /// <param name="indexPage">See <see cref="IndexPage"/>.</param>
    /// <param name="content">What to send.</param>
    /// <param name="leadsToHidden">See <see cref="LeadsToHidden"/>.</param>
    public static CachedContent OfFile(string path, FileStamp stamp, long madeAt, string? indexPage, FileContent content, bool leadsToHidden = false) =>
        new(path, stamp, madeAt, content) { IndexPage = indexPage, LeadsToHidden = leadsToHidden };

    /// <param name="path">The directory.</param>
    /// <param name="stamp">Its stamp, taken before index pages were looked for.</param>
    /// <param name="madeAt">The clock's milliseconds.</param>
    /// <param name="missingPages">See <see cref="MissingPages"/>; not changed by anybody.</param>
    /// <param name="shape">See <see cref="Shape"/>.</param>
    /// <param name="content">What to send.</param>
    public static CachedContent OfListing(
        string path, FileStamp stamp, long madeAt, IReadOnlyList<string> missingPages, ListingShape shape, FileContent content) =>
        new(path, stamp, madeAt, content) { MissingPages = missingPages, Shape = shape };

    public bool IsCurrent(long now) =>
        now - _madeAt <= MostAge && LinuxFiles.Stat(_encodedPath, out var stamp) != EntryKind.None && stamp == _stamp;
}
