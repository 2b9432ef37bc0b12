namespace Http.Server.Authentication;

/// <summary>What came of a request's credentials.</summary>
internal enum AuthenticationOutcome
{
    /// <summary>They are right.</summary>
    Granted,

    /// <summary>They are missing, malformed or wrong: 401.</summary>
    Denied,

    /// <summary>There are none of the kind that is looked for.</summary>
    Anonymous,

    /// <summary>They are right, and the user may not: 403.</summary>
    Forbidden,

    /// <summary>They would travel readable over the network: 403.</summary>
    NotSecure,

    /// <summary>
    /// None are needed: a browser asks, before it sends a request of a page elsewhere, whether it may. It never sends credentials
    /// with that (Fetch standard, section 4.8), and the answer tells nothing of the site.
    /// </summary>
    Preflight,

    /// <summary>Too many others wait for theirs to be checked: 503.</summary>
    Busy,

    /// <summary>They are not looked at yet, since wrong ones came before: 429.</summary>
    Slowed,
}
