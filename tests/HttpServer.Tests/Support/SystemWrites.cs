using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Tests.Support;

/// <summary>Calls of Linux that change a file and that .NET has no names for.</summary>
internal static unsafe partial class SystemWrites
{
    private const uint Exchange = 2; // RENAME_EXCHANGE
    private const int CurrentDirectory = -100; // AT_FDCWD

    private static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static void Allocate(string path, long size)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.Equal(0, Allocate(file, 0, 0, size));
    }

    public static void CopyRange(string from, string to)
    {
        using var source = File.OpenHandle(from, share: FileShare.ReadWrite);
        using var target = File.OpenHandle(to, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        long readAt = 0, writeAt = 0;
        Assert.True(CopyRange(source, &readAt, target, &writeAt, nint.MaxValue >> 1, 0) > 0);
    }

    public static void SendFile(string from, string to)
    {
        using var source = File.OpenHandle(from, share: FileShare.ReadWrite);
        using var target = File.OpenHandle(to, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        long readAt = 0;
        Assert.True(SendFile(target, source, &readAt, 1 << 20) > 0);
    }

    public static void ExchangeNames(string one, string other) =>
        Assert.Equal(0, Rename(CurrentDirectory, one, CurrentDirectory, other, Exchange));

    /// <summary>Also a link to a directory.</summary>
    public static void Rename(string from, string to) => Assert.Equal(0, Rename(CurrentDirectory, from, CurrentDirectory, to, 0));

    public static void Link(string from, string to) => Assert.Equal(0, HardLink(from, to));

    /// <summary>Writes as libaio does.</summary>
    public static void WriteByQueue(SafeFileHandle file, byte[] bytes)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64, "The numbers of io_submit are known for x64 and arm64.");
        nint context = 0;
        Assert.SkipUnless(SystemCall(IsX64 ? 206 : 0, 1, (nint)(&context), 0, 0, 0) == 0, "The kernel has no io_setup.");
        try
        {
            fixed (byte* data = bytes)
            {
                // struct iocb of linux/aio_abi.h: operation 1 writes.
                var request = stackalloc ulong[8];
                new Span<ulong>(request, 8).Clear();
                request[2] = 1 | ((ulong)(uint)file.DangerousGetHandle() << 32);
                request[3] = (ulong)data;
                request[4] = (ulong)bytes.Length;
                var requests = (nint)request;
                Assert.Equal(1, SystemCall(IsX64 ? 209 : 2, context, 1, (nint)(&requests), 0, 0));
                var result = stackalloc long[4];
                Assert.Equal(1, SystemCall(IsX64 ? 208 : 4, context, 1, 1, (nint)result, 0));
                Assert.Equal(bytes.Length, result[2]);
            }
        }
        finally
        {
            SystemCall(IsX64 ? 207 : 1, context, 0, 0, 0, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "fallocate")]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "copy_file_range")]
    private static partial nint CopyRange(SafeFileHandle from, long* readAt, SafeFileHandle to, long* writeAt, nint length, uint flags);

    [LibraryImport("libc", EntryPoint = "sendfile")]
    private static partial nint SendFile(SafeFileHandle to, SafeFileHandle from, long* readAt, nint length);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string from, string to);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(long number, nint first, nint second, nint third, nint fourth, nint fifth);
}
