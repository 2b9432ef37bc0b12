namespace Http.Server.PowerShell.Routing;

/// <summary>The routes whose patterns match the same paths. Their parameters may have different names.</summary>
/// <param name="Pattern">One of the patterns.</param>
/// <param name="Methods">The routes.</param>
internal sealed record RouteGroup<T>(RoutePattern Pattern, RouteMethods<T> Methods);
