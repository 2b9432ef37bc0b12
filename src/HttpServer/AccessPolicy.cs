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

    /// <summary>Whether a user may.</summary>
    /// <param name="user">The user; null for a request that was not authenticated, which may not.</param>
    public bool Allows(HttpUser? user) => user is not null && (Roles.Count == 0 || Roles.Any(user.IsInRole));
}
