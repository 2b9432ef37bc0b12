namespace Http.Server.LiveReload;

/// <summary>Which files matter to pages.</summary>
internal static class ChangedName
{
    /// <summary>
    /// Whether a change is nothing that a page shows: names that begin with a dot (.git, editors' and systems' own files), what
    /// editors and downloads leave for a moment, packages by the thousand, and logs, of which this server's own may be one: it
    /// would reload the page that it logs.
    /// </summary>
    /// <param name="path">A path from the served directory on.</param>
    public static bool IsIgnored(ReadOnlySpan<char> path)
    {
        foreach (var range in path.SplitAny('/', Path.DirectorySeparatorChar))
        {
            if (path[range] is ['.', ..] or "node_modules")
                return true;
        }

        var name = path[(path.LastIndexOfAny('/', Path.DirectorySeparatorChar) + 1)..];
        // vim asks with 4913 whether it may write.
        return name is [.., '~'] or ['#', .., '#'] or ['~', '$', ..] or "4913"
            || EndsIn(name, ".swp") || EndsIn(name, ".swx") || EndsIn(name, ".tmp") || EndsIn(name, ".part")
                || EndsIn(name, ".crdownload") || EndsIn(name, ".log");
    }

    /// <summary>Whether pages can take the change without being loaded anew.</summary>
    public static bool IsStyle(ReadOnlySpan<char> path) => EndsIn(path, ".css");

    private static bool EndsIn(ReadOnlySpan<char> path, string extension) =>
        path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
