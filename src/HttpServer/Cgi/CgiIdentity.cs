using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Http.Server.Cgi;

/// <summary>
/// The user that programs run as. A server that runs as root runs them as <c>nobody</c> with its groups, by <c>setpriv</c> (part
/// of util-linux); every other server runs them as itself.
/// </summary>
internal sealed class CgiIdentity
{
    private static readonly ConcurrentDictionary<string, CgiIdentity> Known = new(StringComparer.Ordinal);
    private static readonly Lazy<CgiIdentity> Default = new(static () => Find(null));

    private readonly string[] _prefix;

    private CgiIdentity(string? problem, params string[] prefix) => (Problem, _prefix) = (problem, prefix);

    /// <summary>Number of the user that programs run as; -1 for the server's own.</summary>
    public int UserId { get; private init; } = -1;

    /// <summary>Why nothing can be run; null if all is well.</summary>
    public string? Problem { get; }

    /// <summary>The identity that programs run with; found out once for each user.</summary>
    /// <param name="user">The configured user; null for the rule above. The server's own user changes nothing, root's
    /// included.</param>
    public static CgiIdentity Of(string? user) => user is null ? Default.Value : Known.GetOrAdd(user, Find);

    private static CgiIdentity Find(string? user)
    {
        if (OperatingSystem.IsWindows())
            return user is null ? new CgiIdentity(null) : new CgiIdentity(
                "on Windows programs run as the server's own user: leave the CGI user out");
        if (user == Environment.UserName || (user is null && !Environment.IsPrivilegedProcess))
            return new CgiIdentity(null);
        user ??= "nobody";
        if (!Environment.IsPrivilegedProcess && (CgiCommand.Find("id") is null || NumberOf(user, "-u") is not null))
            return new CgiIdentity($"only root can run programs as {user}: start the server as root, or leave the CGI user out");
        if (CgiCommand.Find("setpriv") is not { } setpriv)
            return new CgiIdentity($"running programs as {user} needs setpriv: "
                + "install util-linux, start the server as another user than root, or set the CGI user to root");
        return NumberOf(user, "-u") is { } id && NumberOf(user, "-g") is { } group
            ? new CgiIdentity(null, setpriv, $"--reuid={user}", $"--regid={group}", "--init-groups", "--") { UserId = id }
            : new CgiIdentity($"there is no user {user}: set the CGI user to one that exists");
    }

    /// <summary>
    /// The command that runs another as this identity. <c>setpriv</c> keeps root's rights up to its exec and would find an
    /// interpreter that the user cannot read; <c>env</c> looks for it without them.
    /// </summary>
    public CgiCommand Wrap(CgiCommand command)
    {
        if (_prefix.Length == 0)
            return command;
        string[] program = command.Name is { } name ? ["/usr/bin/env", name] : [command.Program];
        return new CgiCommand(_prefix[0], [.. _prefix[1..], .. program, .. command.Arguments]);
    }

    /// <summary>
    /// Whether the words on standard error are those of the change of user, or of the search for an interpreter, not of
    /// the program.
    /// </summary>
    public bool IsOwnError(string line) =>
        (_prefix.Length > 0 && line.StartsWith("setpriv: ", StringComparison.Ordinal))
            || line.StartsWith("/usr/bin/env: ", StringComparison.Ordinal);

    /// <summary>Whether the change of user says that something has the program open for writing.</summary>
    public bool IsBusyError(string line) => IsOwnError(line) && line.EndsWith(CgiBusyException.Words, StringComparison.Ordinal);

    /// <summary>
    /// The user's number (-u) or that of their primary group (-g) by the system's own word, wherever it keeps its
    /// users.
    /// </summary>
    private static int? NumberOf(string user, string which)
    {
        if (CgiCommand.Find("id") is not { } id)
            return null;
        using var process = Process.Start(new ProcessStartInfo(id, [which, "--", user])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        var text = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
