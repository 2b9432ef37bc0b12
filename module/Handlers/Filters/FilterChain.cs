namespace Http.Server.PowerShell.Handlers.Filters;

/// <summary>
/// The filters of a server, the most general first, and of two for the same path the one that was registered first.
/// </summary>
internal sealed class FilterChain
{
    /// <summary>No filter.</summary>
    public static readonly FilterChain None = new([]);

    private readonly RegisteredFilter[] _filters;

    /// <param name="filters">The filters in the order of their registration.</param>
    public FilterChain(IEnumerable<RegisteredFilter> filters)
    {
        // Patterns compare with the most specific first. The sort keeps the order of those that are the same.
        _filters = [.. filters.OrderBy(static filter => filter.Pattern is null ? 0 : 1)
            .ThenByDescending(static filter => filter.Pattern)];
        SeesFiles = Array.Exists(_filters, static filter => filter.IncludesFiles);
    }

    public bool IsEmpty => _filters.Length == 0;

    /// <summary>Whether one sees requests for files.</summary>
    public bool SeesFiles { get; }

    /// <summary>Those that see a request; null if none does.</summary>
    /// <param name="method">The method.</param>
    /// <param name="segments">The decoded path; null for one that the server refuses.</param>
    /// <param name="isFile">What answers is no handler.</param>
    public FilterMatches? Find(string method, IReadOnlyList<string>? segments, bool isFile)
    {
        List<FilterMatch>? before = null, after = null;
        foreach (var filter in _filters)
        {
            if ((isFile && !filter.IncludesFiles) || !filter.Sees(method, segments, out var values))
                continue;
            (filter.IsAfter ? after ??= [] : before ??= []).Add(new FilterMatch(filter, values));
        }

        return before is null && after is null ? null : new FilterMatches(before ?? [], after ?? []);
    }
}
