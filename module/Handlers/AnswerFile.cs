using System.Text;
using Http.Server.PowerShell.Handlers.Forms;

namespace Http.Server.PowerShell.Handlers;

/// <summary>An answer in a temporary file, which loses its name at once where the system allows that.</summary>
internal static class AnswerFile
{
    /// <summary>Characters at once.</summary>
    private const int Piece = 16 * 1024;

    /// <summary>Makes a file for this user alone and fills it; it is gone when it is disposed.</summary>
    /// <returns>The file at its beginning.</returns>
    public static FileStream Create(Action<Stream> write)
    {
        var path = TemporaryNames.Shared.MakePath("answer");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        try
        {
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            write(file);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes text piece by piece: there are never all of its bytes in memory.</summary>
    public static void Write(Stream file, string text, Encoding encoding)
    {
        // A StreamWriter is not used, because it would write a byte order mark first.
        var encoder = encoding.GetEncoder();
        var bytes = new byte[encoding.GetMaxByteCount(Piece)];
        for (var at = 0; at < text.Length; at += Piece)
        {
            var piece = text.AsSpan(at, Math.Min(Piece, text.Length - at));
            file.Write(bytes, 0, encoder.GetBytes(piece, bytes, flush: at + piece.Length == text.Length));
        }
    }
}
