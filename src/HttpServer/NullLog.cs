namespace Http.Server;

/// <summary>A log that keeps nothing.</summary>
public sealed class NullLog : IHttpLog
{
    private NullLog()
    {
    }

    /// <summary>The one there is.</summary>
    public static NullLog Instance { get; } = new();

    /// <inheritdoc/>
    public bool TakesRequests => false;

    /// <inheritdoc/>
    public void Request(in RequestRecord record)
    {
    }

    /// <inheritdoc/>
    public void Message(LogLevel level, string? client, string message)
    {
    }
}
