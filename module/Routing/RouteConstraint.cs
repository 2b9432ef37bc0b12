namespace Http.Server.PowerShell.Routing;

/// <summary>
/// What the value of a parameter such as <c>{id:int}</c> must be, the narrowest first: a number is an int before it is a decimal.
/// </summary>
internal enum RouteConstraint
{
    /// <summary>A GUID in any of the forms that .NET writes.</summary>
    Guid,

    /// <summary><c>true</c> or <c>false</c>, in any case.</summary>
    Bool,

    /// <summary>A whole number of 32 bits, with a sign if any.</summary>
    Int,

    /// <summary>A whole number of 64 bits, with a sign if any.</summary>
    Long,

    /// <summary>A number such as <c>-1.5</c>, without thousands separators.</summary>
    Decimal,

    /// <summary>A date, a time or both, as the invariant culture reads it, such as <c>2030-12-31</c>.</summary>
    DateTime,

    /// <summary>Letters from A to Z in any case, one at least.</summary>
    Alpha,

    /// <summary>Anything, one character at least.</summary>
    None,
}
