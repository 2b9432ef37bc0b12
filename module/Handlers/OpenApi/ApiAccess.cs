using Http.Server.PowerShell.Handlers.Schemes;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>Who may call a handler.</summary>
internal sealed record ApiAccess
{
    /// <summary>The schemes, of which one is enough.</summary>
    public IReadOnlyList<RegisteredScheme> Schemes { get; init; } = [];

    /// <summary>The server's users with passwords, where they may; null for none.</summary>
    public BasicAuthentication? Users { get; init; }

    /// <summary>The roles, of which a user needs one; none for every user.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Rules may let those in who have not logged in.</summary>
    public bool MayBeAnonymous { get; init; }

    /// <summary>
    /// Whom rules let in, by the segments of a path and whether it is written to; each has to. Each gives null where there are
    /// none.
    /// </summary>
    public IReadOnlyList<Func<IReadOnlyList<string>, bool, IReadOnlyList<string>?>> Rules { get; init; } = [];

    /// <summary>Somebody is asked for.</summary>
    public bool AsksForUsers => Schemes.Count > 0 || Users is not null || Roles.Count > 0;

    /// <summary>Whom the rules let in; a list for each set of rules.</summary>
    public IReadOnlyList<IReadOnlyList<string>> FindSubjects(IReadOnlyList<string> segments, bool writes) =>
        [.. Rules.Select(rules => rules(segments, writes)).OfType<IReadOnlyList<string>>()];
}
