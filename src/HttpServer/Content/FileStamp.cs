namespace Http.Server.Content;

/// <summary>
/// What tells one state of a file from another: who it is, how long it is, and when it was changed. Two equal stamps mean the same
/// content, provided that the file had not been touched for a moment before the first was taken (<see cref="IsSettled"/>).
/// </summary>
/// <param name="Device">The file system's number; 0 where it is not known.</param>
/// <param name="Inode">The file's number in it; 0 where it is not known.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Modified">When its content was changed: 100-nanosecond ticks of UTC.</param>
/// <param name="Changed">When its content or its name, rights or owner were changed, in the same ticks; 0 where it is not known.</param>
internal readonly record struct FileStamp(ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    /// <summary>Longer than the coarsest step of a file system's clock (FAT: 2 seconds).</summary>
    private const long Settling = 2 * TimeSpan.TicksPerSecond;

    public DateTime ModifiedUtc => new(Modified, DateTimeKind.Utc);

    /// <summary>
    /// Whether a later change would surely show in a later stamp. A file that was changed a moment ago can be changed once more within
    /// the same step of the clock, and its stamp would not show it.
    /// </summary>
    public bool IsSettled(DateTime utcNow) => Math.Max(Modified, Changed) + Settling < utcNow.Ticks;
}
