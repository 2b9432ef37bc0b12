using System.Text;
using Http.Server.Authentication.Rules;
using Http.Server.Headers;

namespace Http.Server.Authentication;

/// <summary>
/// A file of lines <c>user:hash</c>, with the groups and the rules of the user behind it, <c>@ops /in:rw</c>, and of lines of
/// rules for others, <c>@ops /logs:r</c> and <c>* /public:r</c>. Empty lines and those that begin with # say nothing.
/// </summary>
/// <param name="path">Its full path.</param>
internal sealed class UserFile(string path)
{
    /// <summary>Largest file in bytes: some tens of thousands of users. A larger one is another kind of file.</summary>
    private const long MaxFile = 4 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Path => path;

    /// <summary>What changes with the file, through an open file, so that a link that now leads elsewhere counts.</summary>
    public string Stamp()
    {
        try
        {
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return $"{File.GetLastWriteTimeUtc(handle).Ticks}/{RandomAccess.GetLength(handle)}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.GetType().Name;
        }
    }

    /// <summary>
    /// Says why others than the server's own user could make themselves users: the file is theirs to write, or the directory that
    /// it lies in is theirs to put another one in. Null if all is well, or where the system has no such rights.
    /// </summary>
    public string? FindWeakness()
    {
        const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (OperatingSystem.IsWindows())
            return null;
        try
        {
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            if ((File.GetUnixFileMode(handle) & Others) != 0)
                return $"{path} can be written by others than its owner, who can make themselves users: chmod go-w {path}";
            // The directory of a link is checked, and the directory of the file that it leads to.
            foreach (var file in (string[])[path, File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path])
            {
                var directory = System.IO.Path.GetDirectoryName(file)!;
                var mode = File.GetUnixFileMode(directory);
                // In a directory with the sticky bit, such as /tmp, a user can delete only files of his own.
                if ((mode & Others) != 0 && (mode & UnixFileMode.StickyBit) == 0)
                    return $"{directory} can be written by others than its owner, "
                        + $"who can put other users in the place of {path}: chmod go-w {directory}";
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The code that reads the file reports that it cannot be read.
        }

        return null;
    }

    /// <summary>What makes lines of the file.</summary>
    private const string Makers = "'httpserver hash-password USER' and, in PowerShell, New-HttpPasswordHash USER";

    /// <exception cref="ServerStartException">The file is missing or wrong. The message never has a hash in it: it may be a
    /// password.</exception>
    public UserTable Load()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxFile)
                throw new ServerStartException(
                    $"Cannot use the users in {path}: it is larger than 4 MiB. Give a file with lines USER:HASH.");
            using var reader = new StreamReader(file, Strict);
            return Read(reader);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ServerStartException($"There is no file {path}: make it with lines USER:HASH, as {Makers} print them.",
                exception);
        }
        catch (Exception exception) when (exception is (IOException and not ServerStartException) or UnauthorizedAccessException)
        {
            throw new ServerStartException(
                $"Cannot read {path}: {exception.Message.TrimEnd('.')}. Give a file that this user may read.", exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ServerStartException($"Cannot use the users in {path}: it is not UTF-8. Write it with lines USER:HASH.",
                exception);
        }
    }

    private UserTable Read(StreamReader reader)
    {
        var users = new Dictionary<string, PasswordHash>(StringComparer.Ordinal);
        var groups = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var (rules, hasRules) = (new AccessRules(), false);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.AsSpan().Trim().IsEmpty || line.StartsWith('#'))
                continue;
            if (line is ['@' or '*', ..] && SplitWords(line) is var words && !words[0].Contains(':', StringComparison.Ordinal))
            {
                hasRules = true;
                if (words.Length == 1 || RuleReader.ReadSubject(words[0]) is not { } subject)
                    throw Wrong(number, "it names no group and rules, as '@ops /logs:r' does");
                foreach (var word in words.AsSpan(1))
                    AddRule(rules, subject, word, number);
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw Wrong(number, "it has no colon");
            var user = line[..colon];
            if (!BasicCredentials.IsUser(user))
                throw Wrong(number, "it has no user, or one with control characters");
            if (SplitWords(line[(colon + 1)..]) is not [var text, .. var more] || PasswordHash.TryParse(text) is not { } hash)
                throw Wrong(number, $"what stands for {user} is no hash that is known here");
            if (!users.TryAdd(user, hash))
                throw Wrong(number, $"{user} was there before");
            groups[user] = [.. more.Where(static word => word is ['@', not '*', ..]).Select(static word => word[1..])];
            foreach (var word in more.Where(static word => word is not ['@', not '*', ..]))
            {
                hasRules = true;
                AddRule(rules, (RuleSubject.User, user), word, number);
            }
        }

        return users.Count > 0
            ? new UserTable(users, groups, hasRules ? rules : null)
            : throw new ServerStartException($"There is no user in {path}: add lines USER:HASH, as {Makers} print them.");
    }

    private static string[] SplitWords(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private void AddRule(AccessRules rules, (RuleSubject Kind, string Name) subject, string word, int line)
    {
        if (RuleReader.TryAdd(rules, subject, word) is { } problem)
            throw new ServerStartException($"Line {line} of {path} is wrong: {problem}.");
    }

    private ServerStartException Wrong(int line, string what) =>
        new($"Line {line} of {path} is wrong: {what}. {Makers} print a right one.");
}
