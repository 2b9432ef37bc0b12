using Http.Server.Compression;
using Http.Server.Files;

namespace Http.Server.StaticFiles.Sites;

/// <summary>
/// Remembers what request targets mean: a table of fixed size in which each target has one place, so reading takes no lock and
/// hostile targets can push others out but not make it grow. It also keeps what content has been compressed to, which all targets
/// of the same file share.
/// </summary>
/// <param name="root">Where the targets lie.</param>
internal sealed class TargetCache(ContentRoot root) : IEncodedStore
{
    private const int Slots = 512;

    /// <summary>Longer targets are read anew each time.</summary>
    private const int MaxTarget = 512;

    /// <summary>File content kept in all places together, in bytes.</summary>
    private const long MaxContent = 16 * 1024 * 1024;

    /// <summary>
    /// Content above a 16th of all that is kept, a listing of some 10,000 files say, would only push out the
    /// rest.
    /// </summary>
    private const long MaxSingleContent = MaxContent / 16;

    /// <summary>
    /// Of that, what may be compressed content. It is the last to go: to read a file again takes less than to compress it again.
    /// </summary>
    private const long MaxEncoded = MaxContent / 2;

    /// <summary>Contents that have been compressed, those that it did not pay for included.</summary>
    private const int MaxEncodings = 1024;

    private readonly Lock _changes = new();
    private readonly StaticTarget?[] _slots = new StaticTarget?[Slots];
    private Dictionary<EncodedContents.Identity, EncodedContents>? _encodings;
    private long _content;
    private long _encoded;

    /// <summary>The meaning of a target; the same object for the same bytes while it keeps its place.</summary>
    public StaticTarget Get(ReadOnlySpan<byte> target)
    {
        ref var slot = ref SlotOf(target);
        var known = Volatile.Read(ref slot);
        if (known is not null && target.SequenceEqual(known.Target))
            return known;
        var made = new StaticTarget(target, root);
        if (target.Length <= MaxTarget)
        {
            lock (_changes)
            {
                Forget(slot);
                Volatile.Write(ref slot, made);
            }
        }

        return made;
    }

    /// <summary>Keeps content with its target, unless too much is kept already: then all the rest is dropped first.</summary>
    /// <returns>
    /// False if the target has lost its place. Its content is not kept then: connections that still hold such targets would
    /// together keep more than anything bounds.
    /// </returns>
    public bool TryKeep(StaticTarget target, CachedContent content)
    {
        lock (_changes)
        {
            if (!ReferenceEquals(SlotOf(target.Target), target))
                return false;
            Forget(target);
            if (content.Size > MaxSingleContent)
                return true;
            if (_content + _encoded + content.Size > MaxContent)
                ForgetAll();
            _content += content.Size;
            target.Cached = content;
            return true;
        }
    }

    /// <summary>
    /// What a content has been compressed to, or a place for it: the same object for the same content while it is
    /// kept.
    /// </summary>
    public EncodedContents EncodingsOf(EncodedContents.Identity content)
    {
        lock (_changes)
        {
            _encodings ??= [];
            if (_encodings.TryGetValue(content, out var known))
                return known;
            if (_encodings.Count >= MaxEncodings)
                DropEncodings();
            return _encodings[content] = new EncodedContents(content);
        }
    }

    /// <inheritdoc/>
    public void Keep(EncodedContents place, FileContent encoded)
    {
        lock (_changes)
        {
            if (place.IsDropped)
                return;
            if (_encoded + encoded.Length > MaxEncoded)
            {
                DropEncodings();
                _encodings![place.Key] = place = new EncodedContents(place.Key);
            }

            if (_content + _encoded + encoded.Length > MaxContent)
                ForgetAll();
            _encoded += encoded.Length;
            place.Put(encoded);
        }
    }

    private ref StaticTarget? SlotOf(ReadOnlySpan<byte> target) => ref _slots[Hash(target) % Slots];

    private void ForgetAll()
    {
        foreach (var target in _slots)
            Forget(target);
    }

    private void DropEncodings()
    {
        foreach (var place in _encodings!.Values)
            place.Drop();
        _encodings.Clear();
        _encoded = 0;
    }

    private void Forget(StaticTarget? target)
    {
        if (target?.Cached is { } old)
        {
            target.Cached = null;
            _content -= old.Size;
        }
    }

    /// <summary>FNV-1a: short, and a collision costs nothing but a lost place.</summary>
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var value in bytes)
            hash = (hash ^ value) * 16777619u;
        return hash ^ (hash >> 15);
    }
}
