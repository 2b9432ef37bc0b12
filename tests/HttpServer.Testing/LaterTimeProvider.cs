namespace Http.Server.Tests.Support;

/// <summary>The system's time, some time later: what was written just now is old by this clock.</summary>
internal sealed class LaterTimeProvider(TimeSpan lead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + lead;
}
