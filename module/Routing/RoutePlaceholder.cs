namespace Http.Server.PowerShell.Routing;

/// <summary>
/// What stands for any text within a segment: a parameter, or a wildcard, which has no name and may stand for no text.
/// </summary>
/// <param name="Name">The parameter's name; null for a wildcard.</param>
/// <param name="Constraint">What the value must be.</param>
internal readonly record struct RoutePlaceholder(string? Name, RouteConstraint Constraint)
{
    /// <summary>The narrower, the smaller: constraints in their order, then any parameter, then a wildcard.</summary>
    public int Breadth => (int)Constraint + (Name is null ? 1 : 0);

    /// <summary>Whether it may stand for this text.</summary>
    public bool Accepts(ReadOnlySpan<char> text) => Name is null || RouteConstraints.Accepts(Constraint, text);
}
