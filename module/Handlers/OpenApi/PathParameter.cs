using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>What stands for a part of a path.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Constraint">What its value must be.</param>
/// <param name="TakesSegments">It stands for all segments that are left.</param>
internal sealed record PathParameter(string Name, RouteConstraint Constraint, bool TakesSegments);
