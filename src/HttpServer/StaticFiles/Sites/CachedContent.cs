using Http.Server.Compression;
using Http.Server.Files;
using Http.Server.Files.Watching;
using Http.Server.Listings;

namespace Http.Server.StaticFiles.Sites;

/// <summary>A small file's, or a listing's, content with the stamp that it holds for.</summary>
internal sealed class CachedContent
{
    /// <summary>
    /// Content is read anew after a second even if its stamp still fits: a program that writes through a memory map can change a
    /// file long before its stamp; and the sizes in a listing change without the directory's stamp.
    /// </summary>
    private const long MaxAge = 1000;

    /// <summary>
    /// Milliseconds for which a watch stands for the file: what it is not told (something is mounted over a directory, say) is
    /// seen after that. At ten comparisons a second they cost nothing.
    /// </summary>
    private const long MaxTrust = 100;

    /// <summary>Comparisons until the file is watched: what is asked for less often takes no watch.</summary>
    private const int ComparisonsToWatch = 8;

    private readonly byte[] _encodedPath;
    private readonly FileStamp _stamp;
    private readonly long _madeAt;
    private volatile FileWatch? _watch;
    private long _comparedAt;
    private int _comparisons;

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

    /// <summary>The file is a directory's index page: the target named the directory.</summary>
    public bool IsIndexPage { get; private init; }

    /// <summary>What a listing is like; null for a file.</summary>
    public ListingShape? Shape { get; private init; }

    public FileContent Content { get; }

    /// <summary>The compressed files beside the file; null if they were not looked for.</summary>
    public PrecompressedFiles? Precompressed { get; private init; }

    /// <summary>What the content has been compressed to; null as long as no client has asked for it.</summary>
    public EncodedContents? Encoded { get; set; }

    /// <summary>Bytes that are kept, those of the compressed files beside it included.</summary>
    public long Size => Content.Length + (Precompressed?.Size ?? 0);

    /// <summary>Whether stamps here are exact enough to keep content by.</summary>
    public static bool IsPossible => LinuxFiles.IsSupported;

    /// <param name="path">The file.</param>
    /// <param name="stamp">Its stamp, taken before the content was read.</param>
    /// <param name="madeAt">The clock's milliseconds.</param>
    /// <param name="isIndexPage">See <see cref="IsIndexPage"/>.</param>
    /// <param name="content">What to send.</param>
    /// <param name="precompressed">See <see cref="Precompressed"/>.</param>
    public static CachedContent OfFile(
        string path, FileStamp stamp, long madeAt, bool isIndexPage, FileContent content,
            PrecompressedFiles? precompressed = null) =>
        new(path, stamp, madeAt, content) { IsIndexPage = isIndexPage, Precompressed = precompressed };

    /// <param name="path">The directory.</param>
    /// <param name="stamp">Its stamp, taken before index pages were looked for.</param>
    /// <param name="madeAt">The clock's milliseconds.</param>
    /// <param name="shape">See <see cref="Shape"/>.</param>
    /// <param name="content">What to send.</param>
    public static CachedContent OfListing(string path, FileStamp stamp, long madeAt, ListingShape shape, FileContent content) =>
        new(path, stamp, madeAt, content) { Shape = shape };

    /// <summary>Whether the file is not looked at as long as nothing is told of it.</summary>
    public bool IsWatched => _watch is { IsBroken: false };

    /// <summary>Whether the content is that of its path, by all that has happened there until now.</summary>
    /// <param name="now">The clock's milliseconds.</param>
    public bool IsCurrent(long now) => now - _madeAt <= MaxAge
        && ((_watch is { } watch && now - Volatile.Read(ref _comparedAt) <= MaxTrust && watch.Holds()) || Compare(now));

    private bool Compare(long now)
    {
        // The watch comes first: what happens after the comparison is told, and what happened before it shows in the stamp.
        var watch = _watch;
        if (watch is null && Shape is null && ++_comparisons == ComparisonsToWatch)
            watch = FileWatches.Process?.Find(Path);
        if (LinuxStat.Read(_encodedPath, out var stamp) == EntryKind.None || stamp != _stamp)
            return false;
        if (watch is not null)
        {
            Volatile.Write(ref _comparedAt, now);
            _watch = watch;
        }

        return true;
    }
}
