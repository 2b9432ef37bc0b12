namespace Http.Server.Authentication.Rules;

/// <summary>Whom a rule is about.</summary>
internal enum RuleSubject
{
    /// <summary>The user of a name.</summary>
    User,

    /// <summary>The users with a role: <c>@name</c>.</summary>
    Group,

    /// <summary>All who are known: <c>@*</c>.</summary>
    Users,

    /// <summary>Everybody, also without a password: <c>*</c>.</summary>
    Everybody,
}
