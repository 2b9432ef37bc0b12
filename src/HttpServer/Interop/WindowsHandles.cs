using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Interop;

/// <summary>What Windows tells of an open file.</summary>
internal static unsafe partial class WindowsHandles
{
    // The longest path of Windows, in characters.
    private const int MaxPath = 32768;

    /// <summary>Whether a handle is of the file that really lies at a path.</summary>
    public static bool LiesAt(SafeFileHandle handle, string fullPath)
    {
        var buffer = new char[MaxPath];
        fixed (char* path = buffer)
        {
            var length = (int)GetFinalPathNameByHandle(handle, path, MaxPath, 0);
            if (length is <= 0 or >= MaxPath)
                return false;
            ReadOnlySpan<char> real = buffer.AsSpan(0, length);
            // "\\?\C:\a" and "\\?\UNC\server\share\a".
            var expected = fullPath.StartsWith(@"\\", StringComparison.Ordinal) ? @"\\?\UNC" + fullPath[1..] : @"\\?\" + fullPath;
            return real.Equals(expected, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>
    /// Reads a file's number and the time of its last change of any kind, which no program can set by the usual
    /// calls.
    /// </summary>
    /// <param name="handle">The file.</param>
    /// <param name="id">Its number, folded to 64 bits; 0 where the file system has none.</param>
    /// <param name="changedUtc">The time; the default value where the file system keeps none.</param>
    public static void ReadIdentity(SafeFileHandle handle, out ulong id, out DateTime changedUtc)
    {
        // FILE_INFO_BY_HANDLE_CLASS: FILE_BASIC_INFO has four times and the attributes, FILE_ID_INFO the volume and 128 bits.
        const int BasicInfo = 0;
        const int IdInfo = 18;
        const int ChangeTimeIndex = 3;
        (id, changedUtc) = (0, default);
        var basic = stackalloc long[5];
        if (GetFileInformationByHandleEx(handle, BasicInfo, basic, 5 * sizeof(long)) != 0 && basic[ChangeTimeIndex] > 0)
            changedUtc = DateTime.FromFileTimeUtc(basic[ChangeTimeIndex]);
        var numbers = stackalloc ulong[3];
        if (GetFileInformationByHandleEx(handle, IdInfo, numbers, 3 * sizeof(ulong)) != 0)
            id = numbers[1] ^ numbers[2];
    }

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandleEx")]
    private static partial int GetFileInformationByHandleEx(SafeFileHandle handle, int kind, void* data, uint size);

    [LibraryImport("kernel32", EntryPoint = "GetFinalPathNameByHandleW")]
    private static partial uint GetFinalPathNameByHandle(SafeFileHandle handle, char* path, uint size, uint flags);
}
