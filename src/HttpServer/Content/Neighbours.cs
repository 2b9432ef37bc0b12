using Http.Server.Text;

namespace Http.Server.Content;

/// <summary>The compressed files beside a file that is kept in memory, as they were found when it was read.</summary>
internal sealed class Neighbours
{
    private readonly NeighbourFile?[] _files;

    private Neighbours(NeighbourFile?[] files)
    {
        _files = files;
        Size = files.Sum(static file => file?.Content?.Length ?? 0);
    }

    public static Neighbours None { get; } = new([]);

    /// <summary>Bytes in memory.</summary>
    public long Size { get; }

    public bool IsEmpty => _files.Length == 0;

    public NeighbourFile? this[ContentCoding coding] => IsEmpty ? null : _files[(int)coding];

    /// <param name="find">Finds the file of a coding; null if there is none.</param>
    public static Neighbours Of(Func<ContentCoding, NeighbourFile?> find)
    {
        NeighbourFile?[]? files = null;
        foreach (var coding in ContentCodings.All)
        {
            if (find(coding) is { } file)
                (files ??= new NeighbourFile?[(int)ContentCoding.Brotli + 1])[(int)coding] = file;
        }

        return files is null ? None : new Neighbours(files);
    }
}
