using Http.Server.Interop;
using Http.Server.Protocol;

namespace Http.Server.Files.Watching;

/// <summary>The way to a file as the system goes it: each directory, each link, and the file.</summary>
internal static class PathWalk
{
    /// <summary>As many as the system follows.</summary>
    private const int MaxLinks = 40;

    /// <summary>
    /// Visits all that a path leads through. Each place is visited before it is followed, so whoever is told of what happens to
    /// it from then on knows whether the way has changed meanwhile.
    /// </summary>
    /// <param name="path">A full path.</param>
    /// <param name="visit">Gets each place by a path that has a NUL at its end and a link at most in its last name, and whether
    /// it is the last: the file, or a link in its place. Says whether to go on.</param>
    /// <returns>False if it has not come to a file of which, and of the way to which, all is told.</returns>
    public static bool TryVisit(string path, Func<byte[], bool, bool> visit)
    {
        // Most that cannot be watched end here, in one call.
        if (!FileSystems.TellOfFile(LinuxFiles.Encode(path)))
            return false;
        var root = LinuxFiles.Encode("/");
        if (!visit(root, false) || !FileSystems.TellOfDirectory(root))
            return false;
        var names = new Stack<string>();
        Push(names, path);
        var (directory, links) = ("", 0);
        while (names.TryPop(out var name))
        {
            if (name == "..")
            {
                directory = directory[..Math.Max(0, directory.LastIndexOf('/'))];
                continue;
            }

            var next = directory + "/" + name;
            var encoded = LinuxFiles.Encode(next);
            var isLast = names.Count == 0;
            if (!visit(encoded, isLast))
                return false;
            if (LinuxOpening.ReadLink(encoded) is { } target)
            {
                if (++links > MaxLinks)
                    return false;
                var text = RawText.Decode(target);
                if (text.StartsWith('/'))
                    directory = "";
                Push(names, text);
            }
            else if (isLast)
            {
                return FileSystems.TellOfFile(encoded);
            }
            else if (FileSystems.TellOfDirectory(encoded))
            {
                directory = next;
            }
            else
            {
                return false;
            }
        }

        return false;
    }

    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/').Reverse())
        {
            if (name is not ("" or "."))
                names.Push(name);
        }
    }
}
