namespace Http.Server.Tests.Support;

/// <summary>A new directory that is deleted with the object.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("httpserver-test-").FullName;

    /// <summary>Writes a file, and makes the directories on its way.</summary>
    /// <param name="name">A relative path.</param>
    /// <param name="content">Its text in UTF-8.</param>
    /// <param name="age">How long ago it was changed; files changed just now are not kept in the server's memory.</param>
    public string Write(string name, string content, TimeSpan age = default)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        if (age != default)
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);
        return path;
    }

    public string MakeDirectory(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
