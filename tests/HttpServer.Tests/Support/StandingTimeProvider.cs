namespace Http.Server.Tests.Support;

/// <summary>
/// A clock that stands, an hour ahead of the files: to the server everything on the disk has long been settled, and nothing that
/// it keeps in memory ever grows old. What is seen of a change is then seen by the files' stamps alone.
/// </summary>
internal sealed class StandingTimeProvider : TimeProvider
{
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow.AddHours(1);

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => 0;
}
