namespace Http.Server.Files;

/// <summary>
/// What tells one state of a file from another: who it is, how long it is, and when it was changed. Two equal stamps mean the
/// same content, provided that the file had not been touched for a moment before the first was taken (<see cref="IsSettled"/>).
/// </summary>
/// <param name="Device">The file system's number; 0 where it is not known.</param>
/// <param name="Inode">The file's number in it; 0 where it is not known.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Modified">When its content was changed: 100-nanosecond ticks of UTC.</param>
/// <param name="Changed">When its content or its name, rights or owner were changed, in the same ticks; 0 where it is not
/// known.</param>
internal readonly record struct FileStamp(ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    /// <summary>Longer than the coarsest step of a file system's clock (FAT: 2 seconds).</summary>
    private const long Settling = 2 * TimeSpan.TicksPerSecond;

    /// <summary>Longer than a step of the clock that Linux, macOS and Windows take the times of files from.</summary>
    private const long ClockGrain = 20 * TimeSpan.TicksPerMillisecond;

    public DateTime ModifiedUtc => new(Modified, DateTimeKind.Utc);

    /// <summary>
    /// Whether a later change would surely show in a later stamp. A file that was changed a moment ago can be changed once more
    /// within the same step of the clock, and its stamp would not show it.
    /// </summary>
    public bool IsSettled(DateTime utcNow) => Math.Max(Modified, Changed) + Settling < utcNow.Ticks;

    /// <summary>
    /// Whether a change of the file from now on gives it another stamp. The time of the last change of any kind tells, which
    /// no program can set; where it is whole seconds, the file system has no finer ones. False where it is not known.
    /// </summary>
    public bool IsDistinct(DateTime utcNow) => Changed != 0 && Changed + (IsCoarse ? Settling : ClockGrain) < utcNow.Ticks;

    /// <summary>
    /// Whether a date that is older than a second stands for this content alone: the file was given it by being written, and not
    /// by programs that set dates or put one file in the place of another (RFC 9110, section 8.8.2.2).
    /// </summary>
    public bool HasTrueDate =>
        Changed != 0 && !IsCoarse && Changed / TimeSpan.TicksPerSecond == Modified / TimeSpan.TicksPerSecond;

    /// <summary>When the file was changed last, be it in its content or in what has its name.</summary>
    public DateTime LastChangeUtc => new(Math.Max(Modified, Changed), DateTimeKind.Utc);

    private bool IsCoarse => Changed % TimeSpan.TicksPerSecond == 0;

    /// <summary>
    /// The file's number and the time of its last change of any kind, mixed so that clients cannot read them off: what tells
    /// apart two files of the same size and the same modification time, one of which has taken the other's place. The same after
    /// a restart.
    /// </summary>
    public ulong MixIdentity()
    {
        // SplitMix64's finaliser, which maps each number to another one.
        var mixed = Inode * 0x9E3779B97F4A7C15 + (ulong)Changed;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
