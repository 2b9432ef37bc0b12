using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Interop;

/// <summary>
/// Functions of the C library, each under a name that says what it does, with the numbers of the system that is
/// called.
/// </summary>
internal static unsafe partial class Libc
{
    [LibraryImport("libc", EntryPoint = "fchown")]
    public static partial int ChangeOwner(int descriptor, int user, int group);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    public static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int poller, int operation, SafeSocketHandle socket, void* data);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int poller, void* events, int count, int timeout);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fstat")]
    public static partial int FStat(SafeFileHandle handle, byte* data);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64")]
    public static partial int FStat64(SafeFileHandle handle, byte* data);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    public static partial int GetLimit(int resource, void* limit);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch")]
    public static partial int InotifyAdd(int descriptor, byte* path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_init1")]
    public static partial int InotifyCreate(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch")]
    public static partial int InotifyRemove(int descriptor, int watch);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    public static partial int IOControl(int descriptor, nuint request, int* data);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    public static partial int Link(int fromDirectory, byte* from, int toDirectory, byte* to, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "renamex_np", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int MacRename(string from, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pipe")]
    public static partial int Pipe(int* ends);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(void* entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "readlink")]
    public static partial nint ReadLink(byte* path, byte* target, nint size);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeSocketHandle socket, byte* buffer, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    public static partial int Rename(int fromDirectory, byte* from, int toDirectory, byte* to);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    public static partial int Rename(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags);

    // What .NET itself makes pipes with. It knows each system's way to keep them from other programs, and on macOS fcntl, which
    // takes a variable number of arguments, cannot be called from here at all.
    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_Pipe", SetLastError = true)]
    public static partial int RuntimePipe(int* ends, int flags);

    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_FcntlSetIsNonBlocking", SetLastError = true)]
    public static partial int RuntimeSetNonBlocking(nint descriptor, int isNonBlocking);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeSocketHandle socket, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "sendfile64", SetLastError = true)]
    public static partial nint SendFile(SafeSocketHandle socket, SafeFileHandle file, ref long offset, nint count);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    public static partial int SetLimit(int resource, void* limit);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Stat(string path, byte* data);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Stat64(string path, byte* data);

    [LibraryImport("libc", EntryPoint = "statfs")]
    public static partial int StatFileSystem(byte* path, void* data);

    [LibraryImport("libc", EntryPoint = "statx")]
    public static partial int Statx(int directory, byte* path, int flags, uint mask, void* data);

    [LibraryImport("libc", EntryPoint = "statx")]
    public static partial int Statx(int directory, byte* path, int flags, uint mask, byte* data);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(long number, long directory, byte* path, void* how, long size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(long number, long directory, byte* buffer, long size);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int Unlink(int directory, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitForProcess(int process, int* status, int options);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle handle, byte* bytes, nuint count);
}
