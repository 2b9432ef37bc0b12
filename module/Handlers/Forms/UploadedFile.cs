using Http.Server.PowerShell.Handlers.Forms;

namespace Http.Server.PowerShell;

/// <summary>A file of a form. It lies in a temporary file, which is deleted when the request has been answered.</summary>
public sealed class UploadedFile
{
    private const int CopyBlock = 32 * 1024;

    private bool _hasEnded;

    private UploadedFile(string name, string fileName, string? contentType, string path, long length) =>
        (Name, FileName, ContentType, Path, Length) = (name, fileName, contentType, path, length);

    /// <summary>The name of the form's field.</summary>
    public string Name { get; }

    /// <summary>The name that the client gives the file, without any directory. Check it before it names anything here.</summary>
    public string FileName { get; }

    /// <summary>The Content-Type that the client gives it; null if none.</summary>
    public string? ContentType { get; }

    /// <summary>The path of the temporary file.</summary>
    public string Path { get; }

    /// <summary>Its length in bytes.</summary>
    public long Length { get; }

    /// <summary>Opens the file for reading.</summary>
    public Stream OpenRead()
    {
        ThrowIfEnded();
        return File.OpenRead(Path);
    }

    /// <summary>
    /// Copies the file to a path of the file system, from the handler's location if it is relative. What is there is not
    /// overwritten.
    /// </summary>
    /// <param name="path">The new file.</param>
    /// <exception cref="IOException">There is such a file.</exception>
    public void SaveAs(string path) => SaveAs(path, overwrite: false);

    /// <summary>Copies the file.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="overwrite">What is there is overwritten.</param>
    public void SaveAs(string path, bool overwrite)
    {
        ThrowIfEnded();
        File.Copy(Path, Engine.ScriptWorker.OfThisThread?.PathOf(path) ?? path, overwrite);
    }

    /// <summary>The client's name for the file.</summary>
    public override string ToString() => FileName;

    internal static UploadedFile Store(MultipartPart part)
    {
        // The file is new, belongs to this user alone, and has a name that cannot be guessed.
        var path = TemporaryNames.Shared.MakePath("upload");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new FileStream(path, options);
            var buffer = new byte[CopyBlock];
            for (int count; (count = part.Body.Read(buffer)) > 0;)
            {
                Engine.ScriptWorker.OfThisThread?.ThrowIfStopped();
                file.Write(buffer, 0, count);
            }

            file.Flush();
            return new UploadedFile(part.Name ?? "", part.FileName!, part.ContentType, path, file.Length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    internal void Delete()
    {
        _hasEnded = true;
        try
        {
            File.Delete(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A handler still has it open, on Windows; it is removed when this process ends, or by the next.
        }
    }

    private void ThrowIfEnded()
    {
        if (_hasEnded)
            throw new InvalidOperationException(
                $"The request has ended, and the file {FileName} with it: save it in the handler.");
    }
}
