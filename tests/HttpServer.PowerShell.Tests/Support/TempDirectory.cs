namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A new directory that is deleted with the object.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("httpserver-test-").FullName;

    /// <summary>Writes a file, and makes the directories on its way.</summary>
    /// <returns>Its full path.</returns>
    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
