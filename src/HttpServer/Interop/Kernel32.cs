using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Interop;

/// <summary>Functions of Windows.</summary>
internal static unsafe partial class Kernel32
{
    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial SafeFileHandle CreateFile(string path, uint access, uint share, nint security, uint creation,
        uint flags, nint template);
}
