using Microsoft.Win32.SafeHandles;

namespace Http.Server.Transport.FileData;

/// <summary>Reads files that are being sent.</summary>
internal static class FileBlock
{
    /// <summary>Reads bytes, as many as come at once.</summary>
    /// <returns>Their number; 0 at the end of the file.</returns>
    /// <exception cref="ContentCutException">The file cannot be read, although it could be opened.</exception>
    public static int Read(SafeFileHandle file, Span<byte> block, long start)
    {
        try
        {
            return RandomAccess.Read(file, block, start);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ContentCutException($"The file could be opened but not read: {exception.Message.TrimEnd('.')}", exception);
        }
    }
}
