namespace Http.Server.Compression;

/// <summary>Compresses a stream block by block, with memory that does not grow with it.</summary>
internal interface IBlockEncoder : IDisposable
{
    /// <summary>Takes a block in.</summary>
    /// <param name="block">The next bytes; empty at the end.</param>
    /// <param name="isLast">No more will come.</param>
    /// <returns>What is ready to be sent, which holds until the next call; mostly not what the block has become, but earlier
    /// ones.</returns>
    ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> block, bool isLast);
}
