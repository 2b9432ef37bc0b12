using Http.Server.Transport.FileData;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// Files whose content is made when they are read, as those of Linux's <c>/proc</c> and <c>/sys</c>: they tell no length, or that
/// of a page of memory.
/// </summary>
internal static class MadeFile
{
    /// <summary>The largest page of memory that Linux has, which is what the files of <c>/sys</c> tell as their length.</summary>
    private const int MaxPage = 64 * 1024;

    /// <summary>What such a file may have in an archive, in bytes.</summary>
    private const int MaxInMemory = 1024 * 1024;

    /// <summary>
    /// Whether a file is one of these: it has a byte where its length says none, or none where its length says the
    /// last.
    /// </summary>
    /// <exception cref="ContentCutException">It cannot be read.</exception>
    public static bool Is(SafeFileHandle handle, long length)
    {
        if (length > MaxPage)
            return false;
        Span<byte> last = stackalloc byte[1];
        var isThere = FileBlock.Read(handle, last, Math.Max(length - 1, 0)) > 0;
        // This is also so for a file that has just been written to.
        return isThere == (length == 0) && RandomAccess.GetLength(handle) == length;
    }

    /// <summary>Reads such a file into memory, up to 1 MiB of it.</summary>
    /// <exception cref="ContentCutException">It cannot be read.</exception>
    public static byte[] Read(SafeFileHandle handle)
    {
        using var content = new MemoryStream();
        var block = new byte[4096];
        for (int count; content.Length < MaxInMemory && (count = FileBlock.Read(handle, block, content.Length)) > 0;)
            content.Write(block.AsSpan(0, count));
        return content.ToArray();
    }
}
