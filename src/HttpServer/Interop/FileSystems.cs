namespace Http.Server.Interop;

/// <summary>Which file systems of Linux tell <see cref="Inotify"/> of all that happens to what lies on them.</summary>
internal static unsafe class FileSystems
{
    // From Linux's linux/magic.h.
    private const uint Ext = 0xef53; // ext2, ext3 and ext4
    private const uint Xfs = 0x58465342;
    private const uint Btrfs = 0x9123683e;
    private const uint F2fs = 0xf2f52010;
    private const uint Tmpfs = 0x01021994;
    private const uint Overlay = 0x794c7630;

    /// <summary>
    /// Whether all changes of a file's content are told: it lies on a file system that only this machine changes, and only by
    /// its files. Not so on those of a network, which other machines change; in a container's image, whose layers lie
    /// elsewhere too; and on ZFS, which can go back to a snapshot.
    /// </summary>
    /// <param name="path">The file, with a NUL at its end.</param>
    public static bool TellOfFile(ReadOnlySpan<byte> path) => TypeOf(path) is Ext or Xfs or Btrfs or F2fs or Tmpfs;

    /// <summary>
    /// Whether all changes of a directory's name and rights are told. In a container that is so for the image's, where a volume
    /// may be mounted.
    /// </summary>
    /// <param name="path">The directory, with a NUL at its end.</param>
    public static bool TellOfDirectory(ReadOnlySpan<byte> path) =>
        TypeOf(path) is Ext or Xfs or Btrfs or F2fs or Tmpfs or Overlay;

    /// <summary>The number of a path's kind of file system, links followed; 0 if it is not known.</summary>
    private static uint TypeOf(ReadOnlySpan<byte> path)
    {
        // struct statfs is shorter everywhere, and begins with the number; the four bytes of it that count come first.
        const int Size = 256;
        var data = stackalloc uint[Size / sizeof(uint)];
        fixed (byte* encoded = path)
            return Libc.StatFileSystem(encoded, data) == 0 ? *data : 0;
    }
}
