using System.Buffers;
using Http.Server.Transport;
using Http.Server.Transport.FileData;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files.Bodies;

/// <summary>An open file, whose handle this takes over.</summary>
internal sealed class FileBody(SafeFileHandle handle) : IContentBody
{
    /// <summary>Bytes read at once for a stream that is not the way to a client.</summary>
    private const int BlockSize = 64 * 1024;

    /// <inheritdoc/>
    /// <remarks>A stream that is the way to a client takes the file without holding much of it.</remarks>
    public ValueTask CopyToAsync(Stream output, long start, long length)
    {
        if (output is not ResponseBody response)
            return CopyBlocksAsync(output, start, length < 0 ? long.MaxValue : length, isPromised: length >= 0);
        return length < 0 ? response.WriteToEndAsync(handle) : response.WriteFileAsync(handle, start, length);
    }

    public int ReadAt(Span<byte> buffer, long start)
    {
        var done = 0;
        for (int count; done < buffer.Length && (count = FileBlock.Read(handle, buffer[done..], start + done)) > 0;)
            done += count;
        return done;
    }

    public void Dispose() => handle.Dispose();

    private async ValueTask CopyBlocksAsync(Stream output, long start, long length, bool isPromised)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (length > 0)
            {
                var count = FileBlock.Read(handle, buffer.AsSpan(0, (int)Math.Min(length, BlockSize)), start);
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
}
