namespace Http.Server.Headers;

/// <summary>What a <c>Range</c> field means for the answer (RFC 9110 section 14.2).</summary>
internal enum RangeOutcome
{
    /// <summary>Answer as if the field were not there: 200 and the whole representation.</summary>
    Ignored,

    /// <summary>Answer 206 with the ranges found.</summary>
    Satisfiable,

    /// <summary>Answer 416: no range asked for has a byte in the representation.</summary>
    Unsatisfiable,
}
