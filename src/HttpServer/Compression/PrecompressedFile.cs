using Http.Server.Files;

namespace Http.Server.Compression;

/// <summary>A file beside another one that holds it compressed.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Stamp">What it was when it was opened.</param>
/// <param name="Content">Its bytes in memory; null if they are to be read when they are asked for.</param>
internal sealed record PrecompressedFile(string Path, FileStamp Stamp, FileContent? Content)
{
    private readonly byte[] _encodedPath = LinuxFiles.Encode(Path);

    /// <summary>Whether <see cref="Content"/> is there and still what the file holds.</summary>
    public bool IsCurrent => Content is not null && LinuxStat.Read(_encodedPath, out var stamp) != EntryKind.None
        && stamp == Stamp;

    /// <summary>
    /// Whether a compressed file is older than the file that it was made of. Some tools give it that file's time in whole
    /// seconds, so a time without a fraction counts as equal to every time in its second.
    /// </summary>
    /// <param name="compressed">When the compressed file was changed.</param>
    /// <param name="file">When the file was changed that it was made of.</param>
    public static bool IsOutdated(DateTime compressed, DateTime file)
    {
        if (compressed.Ticks % TimeSpan.TicksPerSecond == 0)
            file = file.AddTicks(-(file.Ticks % TimeSpan.TicksPerSecond));
        return compressed < file;
    }
}
