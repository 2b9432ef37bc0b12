namespace Http.Server.PowerShell.Routing;

/// <summary>The kinds of a pattern's segments, the most specific first.</summary>
internal enum RouteSegmentKind
{
    /// <summary>Text alone.</summary>
    Literal,

    /// <summary>Text mixed with parameters or wildcards, such as <c>{name}.json</c>.</summary>
    Mixed,

    /// <summary>A parameter with a constraint, such as <c>{id:int}</c>.</summary>
    Constrained,

    /// <summary>A parameter, such as <c>{id}</c>.</summary>
    Parameter,

    /// <summary><c>*</c> before the last segment: any one segment.</summary>
    Wildcard,

    /// <summary>No segment: where a pattern ends. It comes before what would match more segments, or none.</summary>
    End,

    /// <summary><c>*</c> as the last segment: one or more segments.</summary>
    Tail,

    /// <summary><c>{*rest}</c>: the segments that are left, if any.</summary>
    Rest,
}
