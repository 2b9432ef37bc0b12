using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Interop;

/// <summary>What Windows tells of an open file.</summary>
internal static unsafe partial class WindowsHandles
{
    // The longest path of Windows, in characters.
    private const int LongestPath = 32768;

    /// <summary>Whether a handle is of the file that really lies at a path.</summary>
    public static bool LiesAt(SafeFileHandle handle, string fullPath)
    {
        var buffer = new char[LongestPath];
        fixed (char* path = buffer)
        {
            var length = (int)GetFinalPathNameByHandle(handle, path, LongestPath, 0);
            if (length is <= 0 or >= LongestPath)
                return false;
            ReadOnlySpan<char> real = buffer.AsSpan(0, length);
            // "\\?\C:\a" and "\\?\UNC\server\share\a".
            var expected = fullPath.StartsWith(@"\\", StringComparison.Ordinal) ? @"\\?\UNC" + fullPath[1..] : @"\\?\" + fullPath;
            return real.Equals(expected, StringComparison.OrdinalIgnoreCase);
        }
    }

    [LibraryImport("kernel32", EntryPoint = "GetFinalPathNameByHandleW")]
    private static partial uint GetFinalPathNameByHandle(SafeFileHandle handle, char* path, uint size, uint flags);
}
