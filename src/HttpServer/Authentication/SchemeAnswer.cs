namespace Http.Server.Authentication;

/// <summary>What a scheme has found out.</summary>
/// <param name="Outcome">Whether credentials of its kind were there, and right.</param>
/// <param name="User">The user, if they were.</param>
internal readonly record struct SchemeAnswer(AuthenticationOutcome Outcome, HttpUser? User = null)
{
    /// <summary>Credentials of its kind were not there.</summary>
    public static SchemeAnswer Nothing { get; } = new(AuthenticationOutcome.Anonymous);

    /// <summary>They were wrong.</summary>
    public static SchemeAnswer Denied { get; } = new(AuthenticationOutcome.Denied);

    /// <summary>They were right if there is a user.</summary>
    public static SchemeAnswer Of(HttpUser? user) => user is null ? Denied : new(AuthenticationOutcome.Granted, user);
}
