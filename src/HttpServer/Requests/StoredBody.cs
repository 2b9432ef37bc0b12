using Http.Server.Files;
using Http.Server.Work;

namespace Http.Server.Requests;

/// <summary>
/// A request body that was taken in before the request is answered: in memory, or in a temporary file that no other process can
/// open.
/// </summary>
internal static class StoredBody
{
    /// <summary>Read at once; a rented buffer of this size stays out of the large object heap.</summary>
    private const int BlockSize = 32 * 1024;

    /// <summary>Reads a body to its end.</summary>
    /// <param name="body">The body.</param>
    /// <param name="inMemory">Longest body that stays in memory.</param>
    /// <returns>
    /// The body from its beginning; the file is deleted with it. Where there is little memory for all bodies, a shorter one is a
    /// file too.
    /// </returns>
    public static async ValueTask<Stream> ReadAsync(Stream body, int inMemory)
    {
        var budget = WorkLimits.Shared.Received;
        Stream stored = new BodyMemory(budget);
        using var block = BodyBlock.Take(BlockSize, budget);
        var buffer = block.Bytes;
        try
        {
            // Memory is taken for the bytes that have come, not for the length that was announced.
            for (int count; (count = await body.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
            {
                if (stored is BodyMemory memory && (memory.Length + count > inMemory || !memory.TryReserve(count)))
                {
                    using (memory)
                    {
                        stored = TemporaryFile.Create();
                        memory.Position = 0;
                        await memory.CopyToAsync(stored).ConfigureAwait(false);
                    }
                }

                await stored.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            }

            stored.Position = 0;
            return stored;
        }
        catch
        {
            await stored.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
