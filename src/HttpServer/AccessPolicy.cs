using Http.Server.Authentication.Rules;

namespace Http.Server;

/// <summary>Who may ask: the ways to log in, and the roles of which a user needs one.</summary>
/// <remarks>An object may be shared by all handlers of a server; it does not change.</remarks>
public sealed class AccessPolicy
{
    /// <summary>
    /// The ways to log in, of which one is enough; a request that used none of them is answered 401 with the challenges of all.
    /// Default none: those of the server.
    /// </summary>
    public IReadOnlyList<AuthenticationScheme> Schemes { get; init; } = [];

    /// <summary>The roles, of which a user needs one; others are answered 403. Default none: every user may.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// Lets clients on other machines send tokens, keys and passwords without TLS, where each machine on the way can read them.
    /// Default false: they are answered 403.
    /// </summary>
    public bool AllowPlainHttp { get; init; }

    /// <summary>
    /// What who may do at which path, of all requests: <c>anna /in:rw /:r</c>, <c>@ops /logs:r</c> for those with a role,
    /// <c>@* /:r</c> for all users and <c>* /public:r</c> for everybody. r are GET, HEAD, OPTIONS and TRACE, w the other
    /// methods. The deepest path that has rules decides; once there is a rule, a path that none is for is refused. Only the rules
    /// of a handler's <c>Access</c> count. Default none: every user may do everything.
    /// </summary>
    /// <exception cref="ArgumentException">A rule is wrong.</exception>
    public IReadOnlyList<string> Rules
    {
        get;
        init
        {
            field = value;
            Table = RuleReader.Read(value);
        }
    }
    = [];

    /// <summary>Whom the <see cref="Rules"/> let in at a path, for a description of it.</summary>
    /// <param name="segments">The decoded segments of the path.</param>
    /// <param name="writes">By a method other than GET, HEAD, OPTIONS and TRACE.</param>
    /// <returns>
    /// Users, <c>@</c> and a role, <c>@*</c> for all users and <c>*</c> for everybody, none if nobody is let in; null if there
    /// are no rules.
    /// </returns>
    public IReadOnlyList<string>? FindSubjects(IReadOnlyList<string> segments, bool writes) =>
        Table?.FindSubjects(segments, writes);

    internal AccessRules? Table { get; private init; }

    /// <summary>Whether a user may.</summary>
    /// <param name="user">The user; null for a request that was not authenticated, which may not.</param>
    public bool Allows(HttpUser? user) => user is not null && (Roles.Count == 0 || Roles.Any(user.IsInRole));
}
