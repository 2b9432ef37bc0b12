namespace Http.Server.Benchmarks.Load;

/// <summary>One figure, and what its tool had to say against it, null if nothing.</summary>
internal readonly record struct Measurement(double Value, string? Remark = null)
{
    /// <summary>How many requests were answered; 0 if that is not known.</summary>
    public long Requests { get; init; }
}
