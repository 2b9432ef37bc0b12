using System.Globalization;

namespace Http.Server.Cgi.Unix;

/// <summary>
/// Removes orphans that have ended, where the server is the first process of a container. What a program leaves running becomes a
/// child of that process when the program ends, and stays in the table of processes until its parent asks for it (waitpid(2)):
/// an init does so, and .NET does not.
/// </summary>
internal sealed class OrphanReaper
{
    /// <summary>
    /// A child that has ended and is still there after as long is nobody's: .NET asks for its own at once, and the server for its
    /// programs within some hundredths of a second.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Func<int, bool> _isOwn;
    private HashSet<int> _seen = [];

    private OrphanReaper(Func<int, bool> isOwn) => _isOwn = isOwn;

    /// <summary>Begins, if this process is the first of its container, and goes on until it ends.</summary>
    /// <param name="isOwn">Whether somebody else asks for a child.</param>
    public static Task RunAsync(Func<int, bool> isOwn) => OperatingSystem.IsLinux() && Environment.ProcessId == 1
        ? new OrphanReaper(isOwn).RunAsync()
        : Task.CompletedTask;

    private async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(Interval).ConfigureAwait(false);
            Reap();
        }
    }

    private void Reap()
    {
        try
        {
            var ended = FindEnded();
            foreach (var child in ended.Where(_seen.Contains))
                _ = UnixNative.TryReap(child, out _);
            _seen = ended;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A container without /proc, or without a free descriptor just now: the next time may be better.
        }
    }

    private HashSet<int> FindEnded()
    {
        var ended = new HashSet<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && IsEndedChild(folder) && !_isOwn(process))
                ended.Add(process);
        }

        return ended;
    }

    /// <summary>Reads "1234 (name) Z 1 …" (proc(5)); the name may have anything in it.</summary>
    private static bool IsEndedChild(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            return text[(text.LastIndexOf(')') + 1)..].StartsWith(" Z 1 ", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is gone already, or somebody else's.
            return false;
        }
    }
}
