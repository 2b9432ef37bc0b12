using Http.Server.Pages;

namespace Http.Server.Files.Bodies;

/// <summary>A large page in memory, of which this takes a use over.</summary>
internal sealed class PageBody(PageBytes page) : IContentBody
{
    /// <summary>Bytes that are sent before others have their turn: a quarter of a millisecond's copying.</summary>
    private const int MaxInTurn = 256 * 1024;

    private int _isReleased;

    public async ValueTask CopyToAsync(Stream output, long start, long length)
    {
        if (length < 0)
            length = page.Length - start;
        // A client that reads as fast as this sends would keep the thread for megabytes, and short answers would wait for it.
        var untilOthers = MaxInTurn;
        for (ReadOnlyMemory<byte> slice; length > 0; start += slice.Length, length -= slice.Length)
        {
            slice = page.Slice(start, length);
            await output.WriteAsync(slice).ConfigureAwait(false);
            if ((untilOthers -= slice.Length) > 0)
                continue;
            untilOthers = MaxInTurn;
            await Task.Yield();
        }
    }

    public int ReadAt(Span<byte> buffer, long start) => page.ReadAt(buffer, start);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            page.Release();
    }
}
