namespace Http.Server.Tests.Support;

/// <summary>
/// A clock that stands, an hour ahead of the files: to the server everything on the disk has long been settled, and nothing that
/// it keeps in memory ever grows old. What is seen of a change is then seen by the files' stamps alone.
/// </summary>
/// <param name="lead">How far ahead; an hour if nothing is said. Of one that is behind, every file was changed just now.</param>
internal sealed class StandingTimeProvider(TimeSpan? lead = null) : TimeProvider
{
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow + (lead ?? TimeSpan.FromHours(1));

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => 0;
}
