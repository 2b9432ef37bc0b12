using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Interop;

/// <summary>
/// Reads the names in a directory from its handle: .NET reads them from a path, which may be another directory's by
/// now.
/// </summary>
internal static unsafe partial class LinuxDirectory
{
    /// <summary>The type of a directory.</summary>
    public const int Directory = 4; // DT_DIR

    /// <summary>The file system does not tell here what a name is of.</summary>
    public const int Unknown = 0; // DT_UNKNOWN

    private const int BlockSize = 32 * 1024;

    /// <summary>The number of <c>getdents64</c>; 0 for processors that .NET does not run on today.</summary>
    private static readonly long ReadNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 217,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 61,
        Architecture.Arm or Architecture.Armv6 => 217,
        Architecture.X86 or Architecture.S390x => 220,
        Architecture.Ppc64le => 202,
        _ => 0,
    };

    /// <summary>
    /// Is shown a name, as its bytes, behind which there is a NUL, and the type of what has it: <see cref="Directory"/>,
    /// <see cref="Unknown"/> or another.
    /// </summary>
    public delegate void Visitor(ReadOnlySpan<byte> name, int type);

    public static bool IsSupported => ReadNumber != 0;

    /// <summary>Shows all names but those of the directory itself and the one above.</summary>
    /// <param name="directory">A handle that was opened for reading, and is at its start.</param>
    /// <param name="visitor">Is shown them.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public static void Visit(SafeFileHandle directory, Visitor visitor)
    {
        var block = new byte[BlockSize];
        var added = false;
        directory.DangerousAddRef(ref added);
        try
        {
            for (int count; (count = Read((int)directory.DangerousGetHandle(), block)) > 0;)
                Visit(block.AsSpan(0, count), visitor);
        }
        finally
        {
            directory.DangerousRelease();
        }
    }

    private static int Read(int descriptor, byte[] block)
    {
        fixed (byte* start = block)
        {
            var count = (int)Libc.SystemCall(ReadNumber, descriptor, start, block.Length);
            return count >= 0 ? count : throw new IOException(Marshal.GetLastPInvokeErrorMessage(),
                Marshal.GetLastPInvokeError());
        }
    }

    private static void Visit(ReadOnlySpan<byte> entries, Visitor visitor)
    {
        // struct linux_dirent64: inode and offset of 8 bytes each, length of 2, type of 1, and the name up to a NUL.
        const int LengthOffset = 16;
        const int TypeOffset = 18;
        const int NameOffset = 19;
        while (!entries.IsEmpty)
        {
            var length = BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadUInt16LittleEndian(entries[LengthOffset..])
                : BinaryPrimitives.ReadUInt16BigEndian(entries[LengthOffset..]);
            var name = entries[NameOffset..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                visitor(name, entries[TypeOffset]);
            entries = entries[length..];
        }
    }
}
