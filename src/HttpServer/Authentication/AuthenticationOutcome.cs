namespace Http.Server.Authentication;

/// <summary>What came of a request's credentials.</summary>
internal enum AuthenticationOutcome
{
    /// <summary>They are right.</summary>
    Granted,

    /// <summary>They are missing, malformed or wrong: 401.</summary>
    Denied,

    /// <summary>They would travel readable over the network: 403.</summary>
    NotSecure,

    /// <summary>Too many others wait for theirs to be checked: 503.</summary>
    Busy,
}
