namespace Http.Server.Files.Watching;

/// <summary>
/// A path of a file that is watched with all that it leads through. As long as it is unbroken, nothing has happened to any of
/// it.
/// </summary>
/// <param name="owner">What watches it.</param>
internal sealed class FileWatch(FileWatches owner)
{
    private volatile bool _isBroken;

    /// <summary>Something has happened, or nothing would be told; that stays so.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>The numbers of the watches of which it is made.</summary>
    public HashSet<int> Watches { get; } = [];

    /// <summary>
    /// From when on the path may be watched anew once this is broken, as <see cref="Environment.TickCount64"/> counts.
    /// </summary>
    public long RetryAt { get; private set; }

    /// <summary>Whether nothing has happened until now. False if that cannot be told at once.</summary>
    public bool Holds() => owner.Holds(this);

    /// <param name="retryAt">See <see cref="RetryAt"/>.</param>
    public void Break(long retryAt) => (RetryAt, _isBroken) = (retryAt, true);
}
