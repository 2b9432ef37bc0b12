namespace Http.Server.PowerShell.Handlers.Filters;

/// <summary>A filter that sees a request.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="Values">The values of its pattern.</param>
internal readonly record struct FilterMatch(RegisteredFilter Filter, IReadOnlyDictionary<string, string> Values);
