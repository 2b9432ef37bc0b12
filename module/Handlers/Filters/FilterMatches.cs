using Http.Server.PowerShell.Engine.Scripts;

namespace Http.Server.PowerShell.Handlers.Filters;

/// <summary>The filters that see a request, in the order in which they are called.</summary>
/// <param name="before">Those that see it before what answers.</param>
/// <param name="after">Those that see the answer.</param>
internal sealed class FilterMatches(IReadOnlyList<FilterMatch> before, IReadOnlyList<FilterMatch> after)
{
    public IReadOnlyList<FilterMatch> Before => before;

    public IReadOnlyList<FilterMatch> After => after;

    /// <summary>The scripts of all.</summary>
    public IReadOnlyList<CallableScript> Scripts { get; } =
        [.. before.Concat(after).Select(static match => match.Filter.Script)];
}
