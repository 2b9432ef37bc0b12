namespace Http.Server.Authentication;

/// <summary>What a scheme has found out.</summary>
/// <param name="Outcome">Whether credentials of its kind were there, and right.</param>
/// <param name="User">The user, if they were.</param>
/// <param name="Wait">How long the client has to wait before they are looked at; zero if they have been.</param>
/// <param name="Challenge">The value of WWW-Authenticate for this answer alone; null for the scheme's own.</param>
internal readonly record struct SchemeAnswer(
    AuthenticationOutcome Outcome, HttpUser? User = null, TimeSpan Wait = default, string? Challenge = null)
{
    /// <summary>Credentials of its kind were not there.</summary>
    public static SchemeAnswer Nothing { get; } = new(AuthenticationOutcome.Anonymous);

    /// <summary>They were wrong.</summary>
    public static SchemeAnswer Denied { get; } = new(AuthenticationOutcome.Denied);

    /// <summary>They are looked at later.</summary>
    public static SchemeAnswer After(TimeSpan wait) => new(AuthenticationOutcome.Slowed, Wait: wait);

    /// <summary>They were right if there is a user.</summary>
    public static SchemeAnswer Of(HttpUser? user) => user is null ? Denied : new(AuthenticationOutcome.Granted, user);
}
