using Http.Server.Work;

namespace Http.Server.Requests;

/// <summary>A body in memory, which counts what it takes of that for all bodies.</summary>
/// <param name="budget">What all may take.</param>
internal sealed class BodyMemory(ByteBudget budget) : MemoryStream
{
    private long _taken;

    /// <summary>Takes memory for bytes that are written next.</summary>
    /// <returns>False if there is not enough left.</returns>
    public bool TryReserve(int count)
    {
        // It grows to twice its size, and for a moment both are there.
        if (Length + count <= Capacity)
            return true;
        var more = Math.Max(2 * (Length + count), 256) - _taken;
        if (!budget.TryTake(more))
            return false;
        _taken += more;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            budget.GiveBack(_taken);
            _taken = 0;
        }

        base.Dispose(disposing);
    }
}
