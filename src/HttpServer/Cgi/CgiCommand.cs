namespace Http.Server.Cgi;

/// <summary>How a program is started.</summary>
/// <param name="Program">Full path of what is executed: the script itself or its interpreter.</param>
/// <param name="Arguments">Its arguments, without its own name.</param>
internal sealed record CgiCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// The name that an interpreter was found by; null for the script itself. Another user may have to find another file by it:
    /// what the server's user has in their home is closed to others.
    /// </summary>
    public string? Name { get; private init; }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Finds out how a script is run.</summary>
    /// <param name="path">The script.</param>
    /// <param name="interpreters">Programs by extension, for files that the system cannot run by themselves.</param>
    /// <param name="problem">Why it cannot be run; null if it can.</param>
    public static CgiCommand? For(string path, IReadOnlyDictionary<string, IReadOnlyList<string>> interpreters,
        out string? problem)
    {
        problem = null;
        if (!OperatingSystem.IsWindows())
        {
            if ((File.GetUnixFileMode(path) & AnyExecute) == 0)
            {
                problem = "it is not executable: chmod +x";
                return null;
            }

            if (IsSelfRunning(path))
                return new CgiCommand(path, []);
        }

        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension == ".exe")
            return new CgiCommand(path, []);
        if (!interpreters.TryGetValue(extension, out var words))
        {
            problem = OperatingSystem.IsWindows()
                ? $"nothing is known to run {(extension.Length == 0 ? "files without an extension" : extension)}"
                : "it is executable, but neither a binary nor a script with a #! line";
            return null;
        }

        foreach (var name in words[0].Split('|'))
        {
            if (Find(name) is { } program)
                return new CgiCommand(program, [.. words.Skip(1), path]) { Name = name };
        }

        problem = $"its interpreter is not installed: {words[0].Replace("|", " or ", StringComparison.Ordinal)}";
        return null;
    }

    /// <summary>Full path of a program in PATH.</summary>
    public static string? Find(string name)
    {
        var suffixes = OperatingSystem.IsWindows() ? new[] { ".exe", ".cmd", "" } : [""];
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var suffix in suffixes)
            {
                var path = Path.Combine(folder, name + suffix);
                if (File.Exists(path))
                    return path;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether the system runs the file: a #! line, or a binary (which begins with a byte that no text has
    /// there).
    /// </summary>
    private static bool IsSelfRunning(string path)
    {
        Span<byte> start = stackalloc byte[4];
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var count = RandomAccess.Read(file, start, 0);
        return start[..count].StartsWith("#!"u8) || start[..count].SequenceEqual("\u007fELF"u8)
            || (count == 4 && start[0] is 0xca or 0xcf or 0xfe && start[1] is 0xfe or 0xfa or 0xed);
    }
}
