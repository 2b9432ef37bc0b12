namespace Http.Server.Work;

/// <summary>
/// What of the work that takes processors and memory is done at once. Places depend on the memory that the process may have: each
/// holds some of it for as long as its client takes to read.
/// </summary>
internal sealed class WorkLimits
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>What all servers of the process share, as they share its processors and its memory.</summary>
    public static WorkLimits Shared { get; } = Of(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>Archives that are being sent: a compressor and its buffers each, some 400 KiB.</summary>
    public required WorkGate Archives { get; init; }

    /// <summary>
    /// Directories that are being read and made a listing of: 25 MiB for a moment where there are 100,000
    /// names.
    /// </summary>
    public required WorkGate Listings { get; init; }

    /// <summary>Files and pages in memory that are being compressed, for this client and for later ones.</summary>
    public required WorkGate Compressions { get; init; }

    /// <summary>Files that are compressed while they are sent: up to 1 MiB each. Beyond, clients get them as they are.</summary>
    public required WorkGate Encoders { get; init; }

    /// <summary>What large listings take that are being sent.</summary>
    public required ByteBudget Listed { get; init; }

    /// <summary>What bodies take that are being received, beyond a small block each.</summary>
    public required ByteBudget Received { get; init; }

    /// <summary>The limits for a process that may take so much memory, in bytes.</summary>
    public static WorkLimits Of(long memory) => new()
    {
        Archives = new WorkGate((int)Math.Clamp(memory / (2 * Mebibyte), 4, 64), 256),
        Listings = new WorkGate(Math.Max(1, Environment.ProcessorCount - 1), 512),
        Compressions = new WorkGate(Math.Max(1, Environment.ProcessorCount - 1), 512),
        Encoders = new WorkGate((int)Math.Clamp(memory / (8 * Mebibyte), 4, 64), 0),
        Received = new ByteBudget(Math.Clamp(memory / 8, 4 * Mebibyte, 64 * Mebibyte)),
        Listed = new ByteBudget(Math.Clamp(memory / 4, 16 * Mebibyte, 256 * Mebibyte)),
    };
}
