using System.Buffers;
using Http.Server.Files;

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
    /// <returns>The body from its beginning; the file is deleted with it.</returns>
    public static async ValueTask<Stream> ReadAsync(Stream body, int inMemory)
    {
        Stream stored = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            // Memory is taken for the bytes that have come, not for the length that was announced.
            for (int count; (count = await body.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
            {
                if (stored is MemoryStream memory && memory.Length + count > inMemory)
                {
                    stored = TemporaryFile.Create();
                    memory.Position = 0;
                    await memory.CopyToAsync(stored).ConfigureAwait(false);
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
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
