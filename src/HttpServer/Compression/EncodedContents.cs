using Http.Server.Files;
using Http.Server.Headers;

namespace Http.Server.Compression;

/// <summary>
/// What one content has been compressed to. An <see cref="IEncodedStore"/> keeps it, and takes it away when it needs the
/// room.
/// </summary>
internal sealed class EncodedContents(EncodedContents.Identity key)
{
    private readonly Slot _brotli = new();
    private readonly Slot _gzip = new();
    private volatile bool _isDropped;

    /// <summary>Which content of which file.</summary>
    /// <param name="Path">The file; empty for a page.</param>
    /// <param name="Stamp">Its stamp: the validators of what it is compressed to come from it.</param>
    /// <param name="Print">The <see cref="ContentFingerprint"/> of its bytes, since a file can change before its stamp
    /// does.</param>
    internal readonly record struct Identity(string Path, FileStamp Stamp, ulong Print);

    public Identity Key { get; } = key;

    /// <summary>It is kept no longer, and nothing in it either.</summary>
    public bool IsDropped => _isDropped;

    /// <summary>Bytes that are kept.</summary>
    public long Size => (_brotli.Content?.Length ?? 0) + (_gzip.Content?.Length ?? 0);

    /// <summary>What is known of a coding, without any work.</summary>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="evenIfLarger">Whether a result will do that saves nothing.</param>
    /// <param name="encoded">The result; null if it saves nothing.</param>
    /// <returns>False if nothing is known.</returns>
    public bool TryGet(ContentCoding coding, bool evenIfLarger, out FileContent? encoded)
    {
        var slot = SlotOf(coding);
        encoded = slot.Content;
        return encoded is not null || (slot.IsLarger && !evenIfLarger);
    }

    /// <summary>The result for a coding. Of several threads that want it at once, one makes it and the others wait.</summary>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="source">The content, in memory.</param>
    /// <param name="evenIfLarger">Whether a result will do that saves nothing.</param>
    /// <param name="store">Where it is kept.</param>
    /// <returns>Null if it saves nothing.</returns>
    public FileContent? GetOrMake(ContentCoding coding, FileContent source, bool evenIfLarger, IEncodedStore store)
    {
        var slot = SlotOf(coding);
        lock (slot.Making)
        {
            if (TryGet(coding, evenIfLarger, out var known))
                return known;
            var encoded = Encodings.Encode(source, coding, evenIfLarger);
            // A result for a client that refuses everything else is not what others get.
            if (encoded is null || encoded.Length >= source.Length)
                slot.IsLarger = true;
            else
                store.Keep(this, encoded);
            return encoded;
        }
    }

    /// <summary>Called by the cache, which counts.</summary>
    public void Put(FileContent encoded) => SlotOf(encoded.Coding).Content = encoded;

    /// <summary>Called by the cache, which counts.</summary>
    public void Drop()
    {
        _isDropped = true;
        _brotli.Content = _gzip.Content = null;
    }

    private Slot SlotOf(ContentCoding coding) => coding == ContentCoding.Gzip ? _gzip : _brotli;

    private sealed class Slot
    {
        public readonly Lock Making = new();
        public volatile FileContent? Content;
        public volatile bool IsLarger;
    }
}
