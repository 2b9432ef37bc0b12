namespace Http.Server.Resources;

/// <summary>
/// How many connections this process can carry, by what the system gives it: descriptors and memory. All servers of the process
/// share it.
/// </summary>
/// <remarks>
/// Each connection counts as two descriptors, its socket and the file that it may have open. From what is left of the limit a
/// reserve is kept back for what comes later: assemblies (two descriptors each), programs' pipes, directories that are read,
/// logs, watchers. The last descriptors of all are not given away: a runtime that finds none for a thread of its own ends the
/// process.
/// </remarks>
internal sealed class ProcessBudget
{
    /// <summary>Fewer make no server: a browser alone opens six.</summary>
    public const int MinConnections = 4;

    /// <summary>
    /// The last descriptors, which neither a connection nor a file nor a program keeps. Each thread that opens something may have
    /// one of them for a moment, until it has looked at the number; the runtime needs two for a new thread of its own and ends
    /// the process without them.
    /// </summary>
    private const int LastDescriptors = 16;

    /// <summary>
    /// What the command line was seen to open after its start with every feature in use is 30, compiled at run time; more is set
    /// aside where there is more.
    /// </summary>
    private const int MinReserve = 32;

    private const int MaxReserve = 512;

    /// <summary>
    /// Memory that a busy connection takes, with its buffers and its handler: 12 to 21 KiB were measured for a client that does
    /// not read.
    /// </summary>
    private const long PlainMemory = 20 * 1024;

    /// <summary>
    /// The same over TLS, whose keys and records take most of it outside the runtime's heap: 114 KiB were
    /// measured.
    /// </summary>
    private const long SecureMemory = 128 * 1024;

    private static readonly Lazy<ProcessBudget> Shared = new(Measure, LazyThreadSafetyMode.PublicationOnly);

    private readonly int _limit;
    private readonly long _memory;
    private long _memoryLeft;

    private ProcessBudget(int limit, int places, long memory)
    {
        (_limit, Connections, Places) = (limit, places, new SemaphoreSlim(places));
        _memory = _memoryLeft = memory / 2;
    }

    /// <summary>The process's own.</summary>
    /// <exception cref="ServerStartException">The process has less than a server needs.</exception>
    public static ProcessBudget Process => Shared.Value;

    /// <summary>Most connections of all servers together, by descriptors.</summary>
    public int Connections { get; }

    /// <summary>A place for each of them.</summary>
    public SemaphoreSlim Places { get; }

    /// <summary>What a connection counts as, in bytes of memory.</summary>
    /// <param name="isSecure">Over TLS.</param>
    public static long MemoryOf(bool isSecure) => isSecure ? SecureMemory : PlainMemory;

    /// <summary>Most connections that half of the memory is enough for.</summary>
    /// <param name="memory">Bytes that the process may have.</param>
    /// <param name="connectionMemory">What each counts as.</param>
    public static int CountByMemory(long memory, long connectionMemory) =>
        (int)Math.Clamp(memory / 2 / connectionMemory, MinConnections, int.MaxValue);

    /// <summary>Most connections that memory is enough for if all are of one kind.</summary>
    /// <param name="isSecure">Over TLS.</param>
    public int CountByMemory(bool isSecure) => CountByMemory(_memory * 2, MemoryOf(isSecure));

    /// <summary>Takes memory for a connection if there is enough.</summary>
    /// <param name="size">From <see cref="MemoryOf"/>.</param>
    public bool TryTakeMemory(long size)
    {
        // A server takes this number of connections also if there is memory for fewer.
        if (Interlocked.Add(ref _memoryLeft, -size) >= Math.Min(0, _memory - (MinConnections * SecureMemory)))
            return true;
        GiveMemoryBack(size);
        return false;
    }

    /// <summary>Gives back what <see cref="TryTakeMemory"/> has taken.</summary>
    public void GiveMemoryBack(long size) => Interlocked.Add(ref _memoryLeft, size);

    /// <summary>The limit of descriptors; <see cref="int.MaxValue"/> for none.</summary>
    public int DescriptorLimit => _limit;

    /// <summary>Most connections, by descriptors.</summary>
    /// <param name="limit">Descriptors that the process may have.</param>
    /// <param name="open">Those that it has.</param>
    /// <exception cref="ServerStartException">There is room for fewer than <see cref="MinConnections"/>.</exception>
    public static int CountByDescriptors(int limit, int open)
    {
        if (limit == int.MaxValue)
            return int.MaxValue;
        var reserve = Math.Clamp(limit / 8, MinReserve, MaxReserve);
        var byDescriptors = (limit - open - reserve) / 2;
        if (byDescriptors < MinConnections && limit - open - MinReserve >= 2 * MinConnections)
            byDescriptors = MinConnections;
        if (byDescriptors >= MinConnections)
            return byDescriptors;
        var needed = open + MinReserve + (2 * MinConnections);
        throw new ServerStartException(
            $"This process may have {limit} files and connections open, and needs at least {needed}: "
            + $"{open} are open already, {MinReserve} are kept for "
            + $"what it opens later, and each connection takes 2. "
            + $"Raise the limit, with 'ulimit -n {Math.Max(1024, needed)}' before the start say.");
    }

    /// <summary>
    /// Whether a descriptor is one of the last. Systems give the lowest free number, so all below it are
    /// taken.
    /// </summary>
    public static bool IsLast(nint descriptor) =>
        !OperatingSystem.IsWindows() && Shared.IsValueCreated && Shared.Value._limit is var limit && limit != int.MaxValue
            && descriptor >= limit - LastDescriptors;

    /// <summary>Whether as many descriptors as are asked for can be had without taking one of the last.</summary>
    public static bool HasDescriptors(int count)
    {
        if (OperatingSystem.IsWindows() || !Shared.IsValueCreated)
            return true;
        var limit = Shared.Value._limit;
        return limit == int.MaxValue || ProcessLimits.FindLowestFree() <= limit - LastDescriptors - count;
    }

    private static ProcessBudget Measure()
    {
        var limit = ProcessLimits.RaiseDescriptorLimit();
        var open = limit == int.MaxValue ? 0 : ProcessLimits.CountDescriptors();
        return new ProcessBudget(limit, CountByDescriptors(limit, open), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }
}
