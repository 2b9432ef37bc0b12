using System.Buffers;

namespace Http.Server.Work;

/// <summary>
/// The memory that a body passes through on its way from a client, who may be slow. The block is large while there is plenty of
/// memory for them, and else small: so an upload goes on however many there are.
/// </summary>
internal readonly struct BodyBlock : IDisposable
{
    /// <summary>With this one and the input of its connection, a slow client stays within what a connection counts as.</summary>
    private const int Small = 4096;

    private readonly ByteBudget _budget;
    private readonly int _taken;

    private BodyBlock(ByteBudget budget, int taken) =>
        (_budget, _taken, Bytes) = (budget, taken, ArrayPool<byte>.Shared.Rent(Math.Max(taken, Small)));

    /// <summary>The block, at least 4 KiB.</summary>
    public byte[] Bytes { get; }

    /// <summary>Takes a block, which is given back when it is disposed.</summary>
    /// <param name="size">Bytes, if there is memory for them.</param>
    /// <param name="budget">What large blocks may take together.</param>
    public static BodyBlock Take(int size, ByteBudget budget) => new(budget, budget.TryTake(size) ? size : 0);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(Bytes);
        _budget.GiveBack(_taken);
    }
}
