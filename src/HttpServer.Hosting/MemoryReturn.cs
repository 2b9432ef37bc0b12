using System.Runtime.InteropServices;

namespace Http.Server.Hosting;

/// <summary>
/// Gives memory back to the system when a burst is over. The collector keeps what it has once used until it has collected some
/// twenty times more, and a server that allocates next to nothing for a request seldom collects: after 512 connections it would
/// hold 10 MB for hours. The C library keeps what compiling as the program runs has taken: 10 MB in a host of scriptblocks. For
/// programs that serve and do nothing else: it collects the whole heap of the process.
/// </summary>
public sealed unsafe class MemoryReturn : IDisposable
{
    /// <summary>How often it looks. The server looks at its deadlines twice as often.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Looks that pass after a collection before kept memory alone is a reason for the next one: where it is used again at once,
    /// giving it back gains nothing.
    /// </summary>
    private const int Pause = 10;

    /// <summary>Bytes that are allocated in a second without a burst, at most: about those of 16 new connections.</summary>
    private const long MaxQuietAllocation = 256 * 1024;

    /// <summary>
    /// Bytes that must be there to be gained, either of the heap or of what the collector keeps beside it. A collection
    /// takes some milliseconds.
    /// </summary>
    private const long MinGain = 2 * 1024 * 1024;

    /// <summary>Bytes of a heap above which clients would wait too long for a collection that only gives memory back.</summary>
    private const long MaxHeap = 16 * 1024 * 1024;

    /// <summary>Open connections above which a collection that looks at all of them takes more than some milliseconds.</summary>
    private const int MaxConnections = 1024;

    /// <summary><c>malloc_trim</c>, which glibc has and other C libraries have not; null without it.</summary>
    private static readonly delegate* unmanaged<nuint, int> Trim = OperatingSystem.IsLinux()
        && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var address)
        ? (delegate* unmanaged<nuint, int>)address
        : null;

    private readonly Func<int> _countConnections;
    private readonly Timer _timer;
    private long _allocated;
    private long _heapAfterCollection = GC.GetTotalMemory(forceFullCollection: false);
    private int _pause;

    /// <summary>Begins to look.</summary>
    /// <param name="countConnections">Counts the open connections of the process's servers; called once a second.</param>
    public MemoryReturn(Func<int> countConnections)
    {
        _countConnections = countConnections;
        _timer = new Timer(static self => ((MemoryReturn)self!).Look(), this, Interval, Interval);
    }

    /// <summary>Ends the looks.</summary>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: false);
        var isQuiet = allocated - _allocated <= MaxQuietAllocation;
        _allocated = allocated;
        if (_pause > 0)
            _pause--;
        if (!isQuiet || _countConnections() > MaxConnections || (!HasGrown() && (_pause > 0 || !IsKept())))
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (Trim != null)
            _ = Trim(0);
        (_heapAfterCollection, _pause) = (GC.GetTotalMemory(forceFullCollection: false), Pause);
    }

    /// <summary>
    /// Whether the heap, what is no longer used included, is larger than after the last collection of this kind.
    /// </summary>
    private bool HasGrown() => GC.GetTotalMemory(forceFullCollection: false) - _heapAfterCollection >= MinGain;

    /// <summary>Whether, by the last collection, less than half of what the collector keeps is used.</summary>
    private static bool IsKept()
    {
        var last = GC.GetGCMemoryInfo(GCKind.Any);
        var unused = last.TotalCommittedBytes - last.HeapSizeBytes;
        return last.HeapSizeBytes < MaxHeap && unused > Math.Max(MinGain, last.HeapSizeBytes);
    }
}
