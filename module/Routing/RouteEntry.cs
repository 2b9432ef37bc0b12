namespace Http.Server.PowerShell.Routing;

/// <summary>A route as it was registered.</summary>
/// <param name="Method">The method, in upper case as requests have it, or <c>*</c> for any.</param>
/// <param name="Pattern">The path; null for a route that answers whatever the path is.</param>
/// <param name="Handler">What answers.</param>
internal sealed record RouteEntry<T>(string Method, RoutePattern? Pattern, T Handler);
