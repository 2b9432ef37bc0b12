using System.Buffers;
using System.Globalization;
using Http.Server.Content;
using Http.Server.Text;
using Http.Server.Transport;
using Microsoft.Win32.SafeHandles;

namespace Http.Server;

/// <summary>
/// What <c>SendHead</c> has promised and <c>CopyFileAsync</c> sends: an open file, parts of one, or bytes in memory. Python's
/// counterpart is the file object that <c>send_head</c> returns.
/// </summary>
public sealed class FileContent : IDisposable
{
    /// <summary>Bytes read and sent at once; larger blocks gain nothing on loopback, smaller ones cost calls.</summary>
    private const int BlockSize = 256 * 1024;

    private readonly SafeFileHandle? _handle;
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly IReadOnlyList<ContentPart>? _parts;

    internal FileContent(SafeFileHandle handle, FileStamp stamp)
        : this(stamp) => (_handle, Length) = (handle, stamp.Size);

    internal FileContent(ReadOnlyMemory<byte> memory, FileStamp stamp)
        : this(stamp) => (_memory, Length, IsShared) = (memory, memory.Length, true);

    /// <summary>Parts of other content, which this takes over.</summary>
    internal FileContent(FileContent whole, IReadOnlyList<ContentPart> parts)
    {
        (_handle, _memory, IsShared) = (whole._handle, whole._memory, whole.IsShared);
        (ETag, LastModifiedUtc, LastModified, ContentType) = (whole.ETag, whole.LastModifiedUtc, whole.LastModified, whole.ContentType);
        _parts = parts;
        Length = parts.Sum(part => part.Prefix.Length + part.Length);
        LengthText = Length.ToString(CultureInfo.InvariantCulture);
    }

    private FileContent(FileStamp stamp)
    {
        LastModifiedUtc = stamp.ModifiedUtc;
        LastModified = HttpDate.Format(LastModifiedUtc);
        ETag = ETagOf(stamp);
        LengthText = stamp.Size.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes that will be sent.</summary>
    public long Length { get; }

    /// <summary>The strong validator of the whole file: its size and its time of change in full precision.</summary>
    public string ETag { get; } = "";

    /// <summary>When the file was changed.</summary>
    public DateTime LastModifiedUtc { get; }

    internal string LastModified { get; } = "";

    internal string LengthText { get; init; }

    /// <summary>The type by the built-in table.</summary>
    internal string ContentType { get; init; } = "";

    /// <summary>The content lies in memory and may be in use by several requests at once.</summary>
    internal bool IsShared { get; }

    /// <summary>The validator that a file with this stamp has.</summary>
    internal static string ETagOf(FileStamp stamp) => string.Create(CultureInfo.InvariantCulture, $"\"{stamp.Size:x}-{stamp.Modified:x}\"");

    /// <summary>Reads the whole content into memory, if it is still as long as it was.</summary>
    internal FileContent? Load(FileStamp stamp)
    {
        var bytes = new byte[Length];
        for (var done = 0; done < bytes.Length;)
        {
            var count = RandomAccess.Read(_handle!, bytes.AsSpan(done), done);
            if (count == 0)
                return null;
            done += count;
        }

        return new FileContent(bytes, stamp) { ContentType = ContentType };
    }

    /// <summary>Sends everything to a stream.</summary>
    /// <exception cref="IOException">Reading or writing failed, or the file has become shorter than promised.</exception>
    public ValueTask CopyToAsync(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_parts is not null)
            return CopyPartsAsync(output, _parts);
        return _handle is null ? output.WriteAsync(_memory) : CopyBlocksAsync(output, 0, Length);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle?.Dispose();

    private async ValueTask CopyPartsAsync(Stream output, IReadOnlyList<ContentPart> parts)
    {
        foreach (var part in parts)
        {
            await output.WriteAsync(part.Prefix).ConfigureAwait(false);
            if (_handle is null)
                await output.WriteAsync(_memory.Slice((int)part.Start, (int)part.Length)).ConfigureAwait(false);
            else
                await CopyBlocksAsync(output, part.Start, part.Length).ConfigureAwait(false);
        }
    }

    private async ValueTask CopyBlocksAsync(Stream output, long start, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, BlockSize));
        try
        {
            while (length > 0)
            {
                // The disk may be slow, and with inline completions this would hold up other connections.
                if (InlineCompletions.IsEnabled)
                    await Task.Yield();
                var count = RandomAccess.Read(_handle!, buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)), start);
                if (count == 0)
                    throw new EndOfStreamException("The file became shorter while it was sent.");
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
}
