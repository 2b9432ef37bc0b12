using Http.Server.Headers;

namespace Http.Server.Compression;

/// <summary>The compressed files beside a file that is kept in memory, as they were found when it was read.</summary>
internal sealed class PrecompressedFiles
{
    private readonly PrecompressedFile?[] _files;

    private PrecompressedFiles(PrecompressedFile?[] files)
    {
        _files = files;
        Size = files.Sum(static file => file?.Content?.Length ?? 0);
    }

    public static PrecompressedFiles None { get; } = new([]);

    /// <summary>Bytes in memory.</summary>
    public long Size { get; }

    public bool IsEmpty => _files.Length == 0;

    public PrecompressedFile? this[ContentCoding coding] => IsEmpty ? null : _files[(int)coding];

    /// <param name="find">Finds the file of a coding; null if there is none.</param>
    public static PrecompressedFiles Of(Func<ContentCoding, PrecompressedFile?> find)
    {
        PrecompressedFile?[]? files = null;
        foreach (var coding in ContentCodings.All)
        {
            if (find(coding) is { } file)
                (files ??= new PrecompressedFile?[(int)ContentCoding.Brotli + 1])[(int)coding] = file;
        }

        return files is null ? None : new PrecompressedFiles(files);
    }
}
