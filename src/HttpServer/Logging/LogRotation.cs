namespace Http.Server.Logging;

/// <summary>
/// How a log makes room by size: the file gets the suffix <c>.1</c>, the former <c>.1</c> becomes <c>.2</c>, and so on, as
/// logrotate numbers them.
/// </summary>
/// <param name="path">The full path of the file, which no link leads to.</param>
/// <param name="maxSize">Bytes from which on a line goes into a new file.</param>
/// <param name="keep">How many old files stay, at least 1.</param>
internal sealed class LogRotation(string path, long maxSize, int keep)
{
    /// <summary>The size of a file, in bytes.</summary>
    public long MaxSize => maxSize;

    /// <summary>Gives the file and those before it their next number; the oldest goes.</summary>
    /// <exception cref="IOException">They cannot be renamed; so may <see cref="UnauthorizedAccessException"/> say.</exception>
    public void MoveFiles()
    {
        var last = 1;
        while (last < keep && File.Exists(Numbered(last)))
            last++;
        for (var number = last; number > 1; number--)
            File.Move(Numbered(number - 1), Numbered(number), overwrite: true);
        File.Move(path, Numbered(1), overwrite: true);
    }

    private string Numbered(int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}.{number}");
}
