namespace Http.Server.Headers;

/// <summary>What the preconditions of a request ask for (RFC 9110 section 13.2.2).</summary>
internal enum PreconditionOutcome
{
    /// <summary>Do what the method says.</summary>
    Proceed,

    /// <summary>Answer 304: the client's copy is current.</summary>
    NotModified,

    /// <summary>Answer 412 and change nothing.</summary>
    Failed,
}
