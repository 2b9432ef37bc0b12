namespace Http.Server.Benchmarks.Soak;

/// <summary>What a soak is made of.</summary>
/// <param name="Host">The published httpserver-host program.</param>
/// <param name="Time">How long it lasts, beside the opening of connections.</param>
internal sealed record SoakSettings(string Host, TimeSpan Time)
{
    /// <summary>Connections that have had an answer and are kept.</summary>
    public int Idle { get; init; } = 10_000;

    /// <summary>Connections that take a large answer a little at a time.</summary>
    public int Slow { get; init; } = 1_000;

    /// <summary>Clients that ask for one thing after the other.</summary>
    public int Busy { get; init; } = 64;
}
