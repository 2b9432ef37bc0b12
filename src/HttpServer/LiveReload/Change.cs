namespace Http.Server.LiveReload;

/// <summary>
/// A state of a directory that pages may show, and the way to the next one. The holder of one sees every change after it, at its
/// own pace; those without a holder are not kept.
/// </summary>
/// <param name="watch">Names the watching: after a restart it is not known what was missed.</param>
/// <param name="number">Counts the changes.</param>
/// <param name="isStyleOnly">The change before this state was one of style sheets alone.</param>
internal sealed class Change(string watch, long number, bool isStyleOnly)
{
    private readonly TaskCompletionSource<Change> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What two pages have in common that show the same state.</summary>
    public string Version { get; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{watch}-{number}");

    public bool IsStyleOnly => isStyleOnly;

    /// <summary>Ends when something has changed.</summary>
    public Task<Change> Next => _next.Task;

    /// <summary>Tells all who wait, each on a thread of its own.</summary>
    public Change Follow(bool isStyleOnly)
    {
        var next = new Change(watch, number + 1, isStyleOnly);
        _next.SetResult(next);
        return next;
    }
}
