using Http.Server.Protocol;

namespace Http.Server.Authentication.Rules;

/// <summary>
/// What one user may see and change of a site: what listings, archives and pages that stand for others are made by. Two are equal
/// if they are of the same rules and of equal users.
/// </summary>
/// <param name="Rules">The rules.</param>
/// <param name="More">Others, which have to allow it too; null for none.</param>
/// <param name="User">The user; null for a request without one.</param>
internal sealed record AccessView(AccessRules Rules, AccessRules? More, HttpUser? User)
{
    private static readonly char[] Separators = ['/', Path.DirectorySeparatorChar];

    /// <summary>Whether a request may be answered.</summary>
    /// <param name="url">The path; null for a target that has none.</param>
    /// <param name="writes">The method may change something.</param>
    public bool Allows(UrlPath? url, bool writes) =>
        Rules.Allows(User, url, writes) && More?.Allows(User, url, writes) is not false;

    /// <summary>Whether the user may read at a path.</summary>
    public bool MayRead(UrlPath? url) => Allows(url, writes: false);

    /// <summary>Whether the user may change what lies at a path.</summary>
    public bool MayWrite(UrlPath? url) => Allows(url, writes: true);

    /// <summary>Whether the user may read what lies at a relative path below a directory.</summary>
    /// <param name="directory">The directory's segments.</param>
    /// <param name="relative">Names, with slashes or the system's separators between them.</param>
    public bool MayReadBelow(IReadOnlyList<string> directory, string relative)
    {
        string[] path = [.. directory, .. relative.Split(Separators, StringSplitOptions.RemoveEmptyEntries)];
        return Rules.Allows(User, path, writes: false) && More?.Allows(User, path, writes: false) is not false;
    }
}
