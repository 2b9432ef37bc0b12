namespace Http.Server.Content;

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

    /// <param name="path">What the stamp is of.</param>
    /// <param name="stamp">Its stamp, taken before the content was read.</param>
    /// <param name="madeAt">The clock's milliseconds.</param>
    /// <param name="indexPage">The index page that was found in a directory; null if the target named the file, or for a listing.</param>
    /// <param name="content">What to send.</param>
    public CachedContent(string path, FileStamp stamp, long madeAt, string? indexPage, FileContent content)
    {
        _encodedPath = LinuxFiles.Encode(path);
        _stamp = stamp;
        _madeAt = madeAt;
        IndexPage = indexPage;
        Content = content;
    }

    public string? IndexPage { get; }

    public FileContent Content { get; }

    public long Size => Content.Length;

    /// <summary>Whether stamps here are exact enough to keep content by.</summary>
    public static bool IsPossible => LinuxFiles.IsSupported;

    public bool IsCurrent(long now) =>
        now - _madeAt <= MostAge && LinuxFiles.Stat(_encodedPath, out var stamp) != EntryKind.None && stamp == _stamp;
}
