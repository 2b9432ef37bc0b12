using System.Globalization;
using Http.Server.Files;
using Http.Server.Files.Bodies;
using Http.Server.Headers;
using Http.Server.MediaTypes;
using Http.Server.Pages;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Transport.FileData;
using Microsoft.Win32.SafeHandles;

namespace Http.Server;

/// <summary>
/// What <c>SendHead</c> has promised and <c>CopyFileAsync</c> sends: an open file, parts of one, or bytes in memory. Python's
/// counterpart is the file object that <c>send_head</c> returns.
/// </summary>
public sealed class FileContent : IDisposable
{
    private readonly IContentBody _body;
    private byte _compressible;

    private FileContent(IContentBody body, long length) => (_body, Length) = (body, length);

    private FileContent(IContentBody body, long length, FileStamp stamp, bool isFresh)
        : this(body, length)
    {
        (Stamp, IsFresh) = (stamp, isFresh);
        LastModifiedUtc = stamp.ModifiedUtc;
        LastModified = HttpDate.Format(LastModifiedUtc);
        ETag = ETagOf(stamp, isFresh);
        LengthText = length.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The same content with another body.</summary>
    private FileContent(FileContent source, IContentBody body, long length)
        : this(body, length)
    {
        (LastModifiedUtc, LastModified, ContentType) = (source.LastModifiedUtc, source.LastModified, source.ContentType);
        (Stamp, IsFresh, Coding, ETag) = (source.Stamp, source.IsFresh, source.Coding, source.ETag);
        LengthText = length < 0 ? "" : length.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Bytes that will be sent; -1 if that is not known before: of an archive, of what is compressed while it is sent, and of
    /// files that tell no length or a wrong one, as those of Linux's <c>/proc</c> and <c>/sys</c> do.
    /// </summary>
    public long Length { get; }

    /// <summary>
    /// The validator of the whole file: its size, its time of modification in full precision, what tells this file and its last
    /// change of any kind from others, and how it is compressed. It is weak if the file is compressed while it is sent, if the
    /// system does not tell when it was changed, and if that was a moment ago, within the grain of the clock; then it matches
    /// nothing. Empty if there is none.
    /// </summary>
    public string ETag { get; internal init; } = "";

    /// <summary>When the file was changed.</summary>
    public DateTime LastModifiedUtc { get; }

    internal string LastModified { get; } = "";

    internal string LengthText { get; } = "";

    /// <summary>The type by the built-in table.</summary>
    internal string ContentType { get; init; } = "";

    /// <summary>The headers of an answer with the whole content; null if none has been sent yet.</summary>
    internal HeaderLines? WholeLines { get; set; }

    /// <summary>The headers of an answer without the content, 304; null if none has been sent yet.</summary>
    internal HeaderLines? ValidatorLines { get; set; }

    /// <summary>What the file was when it was opened.</summary>
    internal FileStamp Stamp { get; }

    /// <summary>
    /// The file was changed so short a time before it was opened that the next change need not show in its
    /// stamp.
    /// </summary>
    internal bool IsFresh { get; }

    /// <summary>How the content is compressed.</summary>
    internal ContentCoding Coding { get; private init; }

    /// <summary>The content lies in memory and may be in use by several requests at once.</summary>
    internal bool IsShared { get; private init; }

    /// <summary>The content is a file's, neither parts of it nor one that something was added to.</summary>
    internal bool IsWhole { get; private init; } = true;

    /// <summary>An open file.</summary>
    /// <param name="handle">Its handle, which this takes over.</param>
    /// <param name="stamp">Its stamp, read from the handle.</param>
    /// <param name="isFresh">See <see cref="IsFresh"/>.</param>
    internal static FileContent OfFile(SafeFileHandle handle, FileStamp stamp, bool isFresh = false) =>
        new(new FileBody(handle), stamp.Size, stamp, isFresh);

    /// <summary>The content of a file that has just been opened.</summary>
    /// <remarks>
    /// A file may tell no length, as those of Linux's <c>/proc</c> do, or a wrong one, as those of <c>/sys</c>. What such files
    /// hold changes without a trace, so there are no validators either.
    /// </remarks>
    /// <param name="handle">Its handle, which this takes over.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="contentType">Its type by the built-in table.</param>
    /// <param name="utcNow">A time at which the stamp had not been read yet.</param>
    /// <exception cref="ContentCutException">It cannot be read.</exception>
    internal static FileContent OfOpened(SafeFileHandle handle, FileStamp stamp, string contentType, DateTime utcNow)
    {
        try
        {
            return MadeFile.Is(handle, stamp.Size)
                ? new FileContent(new FileBody(handle), -1) { ContentType = contentType }
                : new FileContent(new FileBody(handle), stamp.Size, stamp,
                    !stamp.IsDistinct(utcNow))
                { ContentType = contentType };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A file beside another one that holds it compressed.</summary>
    internal static FileContent OfPrecompressed(SafeFileHandle handle, FileStamp stamp, ContentCoding coding, bool isFresh) =>
        new(new FileBody(handle), stamp.Size, stamp, isFresh)
        {
            Coding = coding,
            ETag = $"{ETagOf(stamp, isFresh).AsSpan(..^1)}-{ContentCodings.NameOf(coding)}\"",
        };

    /// <summary>Bytes in memory.</summary>
    internal static FileContent OfMemory(ReadOnlyMemory<byte> memory, FileStamp stamp, string contentType = "") =>
        new(new MemoryBody(memory), memory.Length, stamp, isFresh: false) { IsShared = true, ContentType = contentType };

    /// <summary>A large page, of which this takes a use over.</summary>
    internal static FileContent OfPage(PageBytes page, FileStamp stamp, string contentType) =>
        new(new PageBody(page), page.Length, stamp, isFresh: false) { ContentType = contentType };

    /// <summary>Content that is made while it is sent.</summary>
    internal static FileContent OfGenerated(Func<Stream, ValueTask> write, string contentType) =>
        new(new GeneratedBody(write), -1) { ContentType = contentType };

    /// <summary>Parts of other content, which this takes over.</summary>
    /// <param name="whole">The other content.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="etag">The validator; null for that of the whole.</param>
    internal static FileContent OfParts(FileContent whole, IReadOnlyList<ContentPart> parts, string? etag = null) =>
        new(whole, new PartsBody(whole._body, parts), parts.Sum(static part => part.Prefix.Length + part.Length))
        {
            IsShared = whole.IsShared,
            IsWhole = false,
            ETag = etag ?? whole.ETag,
        };

    /// <summary>The same content compressed.</summary>
    /// <param name="source">The content as it is.</param>
    /// <param name="coding">How it is compressed.</param>
    /// <param name="body">What it is compressed to.</param>
    /// <param name="length">Its bytes; -1 if they are not known before.</param>
    /// <param name="etag">Its validator.</param>
    internal static FileContent OfEncoded(FileContent source, ContentCoding coding, IContentBody body, long length,
        string etag) =>
        new(source, body, length) { Coding = coding, ETag = etag, IsShared = body is MemoryBody };

    /// <summary>
    /// The validator that a file with this stamp has. Of a fresh file it is weak and another one than later, since two versions
    /// could have it. Where the time of the last change is not known, it says no more than the date does, and is weak always.
    /// </summary>
    internal static string ETagOf(FileStamp stamp, bool isFresh)
    {
        if (stamp.Changed == 0)
            return string.Create(CultureInfo.InvariantCulture, $"W/\"{stamp.Size:x}-{stamp.Modified:x}\"");
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{stamp.Size:x}-{stamp.Modified:x}-{stamp.MixIdentity():x}\"");
        return isFresh ? $"W/{tag.AsSpan(..^1)}-fresh\"" : tag;
    }

    /// <summary>Whether <see cref="ContentType"/> is one of those that shrink.</summary>
    internal bool Shrinks()
    {
        // 0 before the first call. Several threads may find it out at once.
        if (_compressible == 0)
            _compressible = CompressibleTypes.Contains(ContentType) ? (byte)1 : (byte)2;
        return _compressible == 1;
    }

    /// <inheritdoc cref="IContentBody.ReadAt"/>
    internal int ReadAt(Span<byte> buffer, long start) => _body.ReadAt(buffer, start);

    /// <summary>Reads the whole content into memory, if it is still as long as it was.</summary>
    /// <exception cref="ContentCutException">It cannot be read.</exception>
    internal FileContent? Load()
    {
        var bytes = new byte[Length];
        return _body.ReadAt(bytes, 0) == bytes.Length
            ? new FileContent(this, new MemoryBody(bytes), bytes.Length) { IsShared = true }
            : null;
    }

    /// <summary>The bytes of content in memory.</summary>
    /// <exception cref="InvalidOperationException">The content does not lie in memory.</exception>
    internal ReadOnlySpan<byte> InMemory() =>
        _body is MemoryBody memory ? memory.Span : throw new InvalidOperationException("The content does not lie in memory.");

    /// <summary>The body, for one that is built on it and takes it over.</summary>
    internal IContentBody Detach() => _body;

    /// <summary>Sends everything to a stream.</summary>
    /// <exception cref="EndOfStreamException">The file has become shorter than promised, or cannot be read.</exception>
    /// <exception cref="IOException">Writing failed.</exception>
    public ValueTask CopyToAsync(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return _body.CopyToAsync(output, 0, Length);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _body.Dispose();
}
