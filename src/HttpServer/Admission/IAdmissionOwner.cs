namespace Http.Server.Admission;

/// <summary>A server that looks at requests before they are answered.</summary>
internal interface IAdmissionOwner
{
    /// <summary>Null if it takes every request.</summary>
    ServerAdmission? Admission { get; }

    /// <summary>Holds clients of this server to a limit of its handlers.</summary>
    /// <param name="limit">Each object counts by itself, however often its values are there.</param>
    ClientLimiter LimiterOf(RateLimit limit);
}
