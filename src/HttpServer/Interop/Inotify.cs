using System.Runtime.InteropServices;

namespace Http.Server.Interop;

/// <summary>Linux's <c>inotify</c> on single inodes: what happens to a file, a link or a directory itself.</summary>
internal static unsafe class Inotify
{
    // From Linux's linux/inotify.h, fcntl.h and asm-generic/ioctls.h.
    private const uint Modified = 0x2;
    private const uint AttributesChanged = 0x4;
    private const uint WriterClosed = 0x8;
    private const uint SelfMoved = 0x800;
    private const uint LinkNotFollowed = 0x2000000;
    private const uint QueueOverflowed = 0x4000;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    /// <summary>More than the longest event takes, which has a name of 255 bytes.</summary>
    private const int BufferSize = 4096;

    private static readonly nuint BytesToRead =
        RuntimeInformation.ProcessArchitecture == Architecture.Ppc64le ? 0x4004667fu : 0x541bu; // FIONREAD

    /// <summary>Makes an instance, from which reading never waits.</summary>
    /// <returns>A descriptor; below 0 if there is none.</returns>
    public static int Create() => Libc.InotifyCreate(NonBlocking | CloseOnExec);

    /// <summary>
    /// Watches what stands at a path, a link itself and not what it leads to, and is told of its end too: its link count is an
    /// attribute. The same number comes again for an inode that is watched already.
    /// </summary>
    /// <param name="descriptor">The instance.</param>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="isFile">It is to be told too when the content changes. Of a directory that would tell of all files in
    /// it.</param>
    /// <returns>The watch's number; below 0 if there is none.</returns>
    public static int Add(int descriptor, ReadOnlySpan<byte> path, bool isFile)
    {
        var mask = AttributesChanged | SelfMoved | LinkNotFollowed | (isFile ? Modified | WriterClosed : 0);
        fixed (byte* encoded = path)
            return Libc.InotifyAdd(descriptor, encoded, mask);
    }

    /// <summary>Ends a watch. One that has ended by itself, with its inode, is no matter.</summary>
    public static void Remove(int descriptor, int watch) => _ = Libc.InotifyRemove(descriptor, watch);

    /// <summary>How many bytes of events wait to be read; below 0 if that is not known.</summary>
    public static int CountBytes(int descriptor)
    {
        int count;
        return Libc.IOControl(descriptor, BytesToRead, &count) == 0 ? count : -1;
    }

    /// <summary>Reads events.</summary>
    /// <param name="descriptor">The instance.</param>
    /// <param name="changed">Gets the watches to whose inodes something has happened.</param>
    /// <param name="isOverflow">Events were lost: anything may have happened to all.</param>
    /// <returns>The bytes that were read; 0 or below if there were none.</returns>
    public static int Read(int descriptor, List<int> changed, ref bool isOverflow)
    {
        var buffer = stackalloc byte[BufferSize];
        var length = (int)Libc.Read(descriptor, buffer, BufferSize);
        for (var offset = 0; offset + sizeof(Event) <= length;)
        {
            var next = (Event*)(buffer + offset);
            if ((next->Mask & QueueOverflowed) != 0)
                isOverflow = true;
            // A name tells of what lies in a watched directory, which has nothing to do with the directory itself.
            else if (next->NameLength == 0)
                changed.Add(next->Watch);
            offset += sizeof(Event) + (int)next->NameLength;
        }

        return length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Event
    {
        public readonly int Watch;
        public readonly uint Mask;
        private readonly uint _cookie;
        public readonly uint NameLength;
    }
}
