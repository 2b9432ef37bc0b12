using Http.Server.Protocol;

namespace Http.Server.Authentication.Rules;

/// <summary>
/// Who may do what at which path. The deepest path that has rules decides, whatever those above it say; a path that none is for
/// is refused. Paths are the canonical ones of files and routes, so that no spelling of one is another one here.
/// </summary>
/// <remarks>
/// Files know case on some systems and routes never do, and an encoded slash is a separator for files alone. Where the readings
/// of a path differ, all of them have to be allowed.
/// </remarks>
internal sealed class AccessRules
{
    /// <summary>Endings of compressed files that are sent in the place of those without: who may not read one may not read the
    /// other.</summary>
    private static readonly string[] Codings = [".br", ".zst", ".gz"];

    private readonly RuleNode _exact = new(StringComparer.Ordinal);
    private readonly RuleNode _caseless = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a rule.</summary>
    /// <param name="segments">The path's segments, as <see cref="UrlPath.Segments"/> has them.</param>
    /// <param name="grant">The rule.</param>
    public void Add(IReadOnlyList<string> segments, RuleGrant grant)
    {
        string[] path = [.. segments];
        _exact.Add(path, grant);
        _caseless.Add(path, grant);
    }

    /// <summary>Whether a method only looks (RFC 9110, section 9.2.1).</summary>
    public static bool IsSafe(string method) => method is "GET" or "HEAD" or "OPTIONS" or "TRACE";

    /// <summary>Whether a request may be answered.</summary>
    /// <param name="user">The user; null for a request without one.</param>
    /// <param name="url">The path; null for a target that has none, which nobody may.</param>
    /// <param name="writes">The method may change something.</param>
    public bool Allows(HttpUser? user, UrlPath? url, bool writes) => url is not null
        && Allows(user, url.Segments, writes)
        && (!url.HasEncodedSlash || Allows(user, url.RouteSegments, writes));

    /// <summary>The same for an entry of a directory.</summary>
    public bool Allows(HttpUser? user, IEnumerable<string> segments, bool writes)
    {
        string[] path = [.. segments];
        return AllowsEach(user, path, writes) && (path is not [.., var last] || FindPlain(last) is not { } plain
            || AllowsEach(user, [.. path[..^1], plain], writes));
    }

    /// <summary>Whom the rules let in at a path.</summary>
    public IReadOnlyList<string> FindSubjects(IReadOnlyList<string> segments, bool writes) =>
        _caseless.FindSubjects(segments, writes);

    private static string? FindPlain(string name) =>
        Array.Find(Codings, coding => name.Length > coding.Length && name.EndsWith(coding, StringComparison.OrdinalIgnoreCase))
            is { } ending ? name[..^ending.Length] : null;

    private bool AllowsEach(HttpUser? user, string[] path, bool writes) =>
        // Where names are the same in any case, the one look is enough.
        _caseless.Allows(user, path, writes) && (IsCaseless || _exact.Allows(user, path, writes));

    private static bool IsCaseless => OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();
}
