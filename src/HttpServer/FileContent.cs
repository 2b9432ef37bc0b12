using System.Buffers;
using System.Globalization;
using Http.Server.Compression;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.MediaTypes;
using Http.Server.Pages;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Work;
using Microsoft.Win32.SafeHandles;

namespace Http.Server;

/// <summary>
/// What <c>SendHead</c> has promised and <c>CopyFileAsync</c> sends: an open file, parts of one, or bytes in memory. Python's
/// counterpart is the file object that <c>send_head</c> returns.
/// </summary>
public sealed class FileContent : IDisposable
{
    /// <summary>Bytes read at once for a stream that is not the way to a client.</summary>
    private const int BlockSize = 64 * 1024;

    /// <summary>Bytes of a page that are sent before others have their turn: a quarter of a millisecond's copying.</summary>
    private const int MostInTurn = 256 * 1024;

    /// <summary>Bytes that are compressed at once: a quarter of a millisecond's work.</summary>
    private const int EncodedBlockSize = 32 * 1024;

    private readonly SafeFileHandle? _handle;
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly IReadOnlyList<ContentPart>? _parts;
    private readonly FileContent? _source;
    private readonly PageBytes? _page;
    private WorkGate? _place;
    private readonly Func<Stream, ValueTask>? _write;
    private byte _compressible;
    private int _isReleased;

    /// <summary>An open file.</summary>
    /// <param name="handle">Its handle, which this takes over.</param>
    /// <param name="stamp">Its stamp, read from the handle.</param>
    /// <param name="isFresh">See <see cref="IsFresh"/>.</param>
    internal FileContent(SafeFileHandle handle, FileStamp stamp, bool isFresh = false)
        : this(stamp, isFresh) => (_handle, Length) = (handle, stamp.Size);

    /// <summary>
    /// A file that tells no length, as those of Linux's <c>/proc</c> do, or a wrong one, as those of <c>/sys</c>. What such files hold changes
    /// without a trace, so there are no validators either.
    /// </summary>
    private FileContent(SafeFileHandle handle) => (_handle, Length) = (handle, -1);

    /// <summary>A file beside another one that holds it compressed.</summary>
    internal FileContent(SafeFileHandle handle, FileStamp stamp, ContentCoding coding, bool isFresh)
        : this(handle, stamp, isFresh)
    {
        Coding = coding;
        ETag = $"{ETag.AsSpan(..^1)}-{ContentCodings.NameOf(coding)}\"";
    }

    internal FileContent(ReadOnlyMemory<byte> memory, FileStamp stamp)
        : this(stamp) => (_memory, Length, LengthText, IsShared) = (memory, memory.Length, memory.Length.ToString(CultureInfo.InvariantCulture), true);

    /// <summary>A large page, of which this takes a use over.</summary>
    internal FileContent(PageBytes page, FileStamp stamp)
        : this(stamp) => (_page, Length, LengthText) = (page, page.Length, page.Length.ToString(CultureInfo.InvariantCulture));

    /// <summary>Parts of other content, which this takes over.</summary>
    internal FileContent(FileContent whole, IReadOnlyList<ContentPart> parts)
    {
        (_handle, _memory, _page, IsShared) = (whole._handle, whole._memory, whole._page, whole.IsShared);
        (ETag, LastModifiedUtc, LastModified, ContentType) = (whole.ETag, whole.LastModifiedUtc, whole.LastModified, whole.ContentType);
        (Stamp, IsFresh, Coding) = (whole.Stamp, whole.IsFresh, whole.Coding);
        _parts = parts;
        Length = parts.Sum(part => part.Prefix.Length + part.Length);
        LengthText = Length.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The same in memory.</summary>
    private FileContent(FileContent file, byte[] bytes)
        : this(file, file.Coding) => (_memory, Length, LengthText, ETag, IsShared) = (bytes, bytes.Length, file.LengthText, file.ETag, true);

    /// <summary>Bytes that the source was compressed to. They are held, so each of them can be asked for again.</summary>
    private FileContent(FileContent source, ContentCoding coding, byte[] encoded)
        : this(source, coding)
    {
        (_memory, Length, IsShared) = (encoded, encoded.Length, true);
        // The length tells apart what different versions of a library make of the same file.
        ETag = string.Create(CultureInfo.InvariantCulture, $"{source.ETag.AsSpan(..^1)}-{encoded.Length:x}-{ContentCodings.NameOf(coding)}\"");
        LengthText = encoded.Length.ToString(CultureInfo.InvariantCulture);
    }

    private FileContent(FileContent source, ContentCoding coding)
    {
        (LastModifiedUtc, LastModified, ContentType) = (source.LastModifiedUtc, source.LastModified, source.ContentType);
        (Stamp, IsFresh, Coding, LengthText) = (source.Stamp, source.IsFresh, coding, "");
    }

    /// <summary>Content that is compressed while it is sent, anew each time: the same to whoever uses it, not in each byte.</summary>
    private FileContent(ContentCoding coding, FileContent source, WorkGate place)
        : this(source, coding)
    {
        _place = place;
        (_source, Length) = (source, -1);
        ETag = $"{(source.ETag.StartsWith('W') ? "" : "W/")}{source.ETag.AsSpan(..^1)}-{ContentCodings.NameOf(coding)}\"";
    }

    /// <summary>Content that is made while it is sent.</summary>
    internal FileContent(Func<Stream, ValueTask> write, string contentType) => (_write, Length, ContentType) = (write, -1, contentType);

    private FileContent(FileStamp stamp, bool isFresh = false)
    {
        (Stamp, IsFresh) = (stamp, isFresh);
        LastModifiedUtc = stamp.ModifiedUtc;
        LastModified = HttpDate.Format(LastModifiedUtc);
        ETag = ETagOf(stamp, isFresh);
        LengthText = stamp.Size.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Bytes that will be sent; -1 if nobody can tell before: of an archive, of what is compressed while it is sent, and of files that tell
    /// no length or a wrong one, as those of Linux's <c>/proc</c> and <c>/sys</c> do.
    /// </summary>
    public long Length { get; }

    /// <summary>
    /// The validator of the whole file: its size, its time of modification in full precision, what tells this file and its last change of
    /// any kind from others, and how it is compressed. It is weak if the file is compressed while it is sent, if nobody can tell when it was
    /// changed, and if that was a moment ago, within the grain of the clock; then it matches nothing. Empty if there is none.
    /// </summary>
    public string ETag { get; internal init; } = "";

    /// <summary>When the file was changed.</summary>
    public DateTime LastModifiedUtc { get; }

    internal string LastModified { get; } = "";

    internal string LengthText { get; init; } = "";

    /// <summary>The type by the built-in table.</summary>
    internal string ContentType { get; init; } = "";

    /// <summary>What the file was when it was opened.</summary>
    internal FileStamp Stamp { get; }

    /// <summary>The file was changed so short a time before it was opened that the next change need not show in its stamp.</summary>
    internal bool IsFresh { get; }

    /// <summary>How the content is compressed.</summary>
    internal ContentCoding Coding { get; }

    /// <summary>The content is compressed while it is sent, so nothing is known of its length.</summary>
    internal bool IsStreamed => _source is not null;

    /// <summary>Whether <see cref="ContentType"/> is one of those that shrink.</summary>
    internal bool IsCompressible
    {
        get
        {
            // 0 while nobody has asked. Several threads may find it out at once.
            if (_compressible == 0)
                _compressible = CompressibleTypes.Contains(ContentType) ? (byte)1 : (byte)2;
            return _compressible == 1;
        }
    }

    /// <summary>The compressed files beside the one in memory; null if nobody has looked.</summary>
    internal PrecompressedFiles? PrecompressedFiles { get; set; }

    /// <summary>What the content in memory has been compressed to; null as long as no client has asked for it.</summary>
    internal EncodedContents? Encoded { get; set; }

    /// <summary>The content lies in memory and may be in use by several requests at once.</summary>
    internal bool IsShared { get; }

    /// <summary>
    /// The validator that a file with this stamp has. Of a fresh file it is weak and another one than later, since two versions could have it.
    /// Where the time of the last change is not known, it says no more than the date does, and is weak always.
    /// </summary>
    internal static string ETagOf(FileStamp stamp, bool isFresh)
    {
        if (stamp.Changed == 0)
            return string.Create(CultureInfo.InvariantCulture, $"W/\"{stamp.Size:x}-{stamp.Modified:x}\"");
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{stamp.Size:x}-{stamp.Modified:x}-{stamp.MixIdentity():x}\"");
        return isFresh ? $"W/{tag.AsSpan(..^1)}-fresh\"" : tag;
    }

    /// <summary>The content is a file's, neither parts of it nor one that something was added to.</summary>
    internal bool IsWhole => _parts is null;

    /// <summary>The content of a file that has just been opened, which this takes over.</summary>
    /// <exception cref="ContentCutException">It cannot be read.</exception>
    /// <param name="handle">Its handle.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="contentType">Its type by the built-in table.</param>
    /// <param name="utcNow">A time at which the stamp had not been read yet.</param>
    internal static FileContent OfOpened(SafeFileHandle handle, FileStamp stamp, string contentType, DateTime utcNow)
    {
        try
        {
            return MadeFile.Is(handle, stamp.Size)
                ? new FileContent(handle) { ContentType = contentType }
                : new FileContent(handle, stamp, !stamp.IsDistinct(utcNow)) { ContentType = contentType };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes of whole content.</summary>
    /// <param name="buffer">Takes them.</param>
    /// <param name="start">Where they begin.</param>
    /// <returns>Their number: less than there is room only at the end.</returns>
    internal int ReadAt(Span<byte> buffer, long start)
    {
        if (_page is not null)
            return _page.ReadAt(buffer, start);
        if (_handle is null)
        {
            var bytes = _memory.Span[(int)Math.Min(start, _memory.Length)..];
            bytes = bytes[..Math.Min(bytes.Length, buffer.Length)];
            bytes.CopyTo(buffer);
            return bytes.Length;
        }

        var done = 0;
        for (int count; done < buffer.Length && (count = FileBlock.Read(_handle, buffer[done..], start + done)) > 0;)
            done += count;
        return done;
    }

    /// <summary>Reads the whole content into memory, if it is still as long as it was.</summary>
    internal FileContent? Load()
    {
        var bytes = new byte[Length];
        for (var done = 0; done < bytes.Length;)
        {
            var count = FileBlock.Read(_handle!, bytes.AsSpan(done), done);
            if (count == 0)
                return null;
            done += count;
        }

        return new FileContent(this, bytes);
    }

    /// <summary>The <see cref="ContentFingerprint"/> of content in memory.</summary>
    internal ulong Print() => ContentFingerprint.Of(_memory.Span);

    /// <summary>Compresses content in memory.</summary>
    /// <returns>Null if nothing is saved by it, unless it is wanted all the same.</returns>
    internal FileContent? Encode(ContentCoding coding, bool evenIfLarger) =>
        ContentEncoder.Encode(coding, _memory.Span, evenIfLarger) is { } encoded ? new FileContent(this, coding, encoded) : null;

    /// <summary>The same content, to be compressed while it is sent; it takes this one over.</summary>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="place">Where a place has been taken, which is given back when the content is disposed of.</param>
    internal FileContent Stream(ContentCoding coding, WorkGate place) => new(coding, this, place);

    /// <summary>Sends everything to a stream.</summary>
    /// <exception cref="EndOfStreamException">The file has become shorter than promised, or cannot be read.</exception>
    /// <exception cref="IOException">Writing failed.</exception>
    public ValueTask CopyToAsync(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_source is not null)
            return _source.CopyEncodedAsync(output, Coding);
        if (_write is not null)
            return _write(output);
        if (_parts is not null)
            return CopyPartsAsync(output, _parts);
        if (_page is not null)
            return CopyPageAsync(output, _page, 0, Length);
        return _handle is null ? output.WriteAsync(_memory) : CopyFileAsync(output, 0, Length);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _handle?.Dispose();
        _source?.Dispose();
        Interlocked.Exchange(ref _place, null)?.Leave();
        if (_page is not null && Interlocked.Exchange(ref _isReleased, 1) == 0)
            _page.Release();
    }

    private async ValueTask CopyPartsAsync(Stream output, IReadOnlyList<ContentPart> parts)
    {
        foreach (var part in parts)
        {
            await output.WriteAsync(part.Prefix).ConfigureAwait(false);
            if (_page is not null)
                await CopyPageAsync(output, _page, part.Start, part.Length).ConfigureAwait(false);
            else if (_handle is null)
                await output.WriteAsync(_memory.Slice((int)part.Start, (int)part.Length)).ConfigureAwait(false);
            else
                await CopyFileAsync(output, part.Start, part.Length).ConfigureAwait(false);
        }
    }

    private static async ValueTask CopyPageAsync(Stream output, PageBytes page, long start, long length)
    {
        // A client that reads as fast as this sends would keep the thread for megabytes, and short answers would wait for it.
        var untilOthers = MostInTurn;
        for (ReadOnlyMemory<byte> slice; length > 0; start += slice.Length, length -= slice.Length)
        {
            slice = page.Slice(start, length);
            await output.WriteAsync(slice).ConfigureAwait(false);
            if ((untilOthers -= slice.Length) > 0)
                continue;
            untilOthers = MostInTurn;
            await Task.Yield();
        }
    }

    /// <summary>Sends bytes of the file; a stream that is the way to a client does so without holding much of them.</summary>
    private ValueTask CopyFileAsync(Stream output, long start, long length)
    {
        if (output is not ResponseBody response)
            return CopyBlocksAsync(output, start, length < 0 ? long.MaxValue : length, isPromised: length >= 0);
        return length < 0 ? response.WriteToEndAsync(_handle!) : response.WriteFileAsync(_handle!, start, length);
    }

    private async ValueTask CopyBlocksAsync(Stream output, long start, long length, bool isPromised)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (length > 0)
            {
                var count = FileBlock.Read(_handle!, buffer.AsSpan(0, (int)Math.Min(length, BlockSize)), start);
                if (count == 0 && isPromised)
                    throw ContentCutException.Ended();
                if (count == 0)
                    return;
                await output.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                start += count;
                length -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask CopyEncodedAsync(Stream output, ContentCoding coding)
    {
        using var encoder = ContentEncoder.Begin(coding);
        var buffer = ArrayPool<byte>.Shared.Rent(EncodedBlockSize);
        try
        {
            for (var done = 0L; done < Length;)
            {
                await WorkThreads.Shared.NextTurn();
                var block = buffer.AsMemory(0, (int)Math.Min(EncodedBlockSize, Length - done));
                var count = ReadBlock(block.Span, done);
                if (count == 0)
                    throw ContentCutException.Ended();
                done += count;
                var ready = encoder.Encode(block.Span[..count], isLast: done == Length);
                if (!ready.IsEmpty)
                    await output.WriteAsync(ready).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await WorkThreads.Leave();
        }
    }

    private int ReadBlock(Span<byte> block, long start)
    {
        if (_handle is not null)
            return FileBlock.Read(_handle, block, start);
        if (_page is not null)
            return _page.ReadAt(block, start);
        _memory.Span.Slice((int)start, block.Length).CopyTo(block);
        return block.Length;
    }
}
