namespace Http.Server.Authentication.Rules;

/// <summary>What a rule lets someone do at a path and below it.</summary>
/// <param name="Kind">Whom the name names.</param>
/// <param name="Name">The user or the group; empty for the other kinds.</param>
/// <param name="Reads">Methods that only look: GET, HEAD, OPTIONS, TRACE.</param>
/// <param name="Writes">All other methods.</param>
internal sealed record RuleGrant(RuleSubject Kind, string Name, bool Reads, bool Writes)
{
    /// <summary>Whom it is about, as rules name them: <c>anna</c>, <c>@ops</c>, <c>@*</c> or <c>*</c>.</summary>
    public string Subject => Kind switch
    {
        RuleSubject.Everybody => "*",
        RuleSubject.Users => "@*",
        RuleSubject.Group => "@" + Name,
        _ => Name,
    };

    /// <summary>Whether it allows a method of a kind.</summary>
    public bool Allows(bool writes) => writes ? Writes : Reads;

    /// <summary>Whether it is about a user.</summary>
    /// <param name="user">The user; null for a request without one.</param>
    public bool IsFor(HttpUser? user) => Kind switch
    {
        RuleSubject.Everybody => true,
        RuleSubject.Users => user is not null,
        RuleSubject.Group => user?.IsInRole(Name) == true,
        _ => user?.Name == Name,
    };
}
