namespace Http.Server.Authentication.Jwt;

/// <summary>
/// A key that verifies signatures, by algorithms that the key itself is for: what a token says of its algorithm is compared with
/// them and never chosen by (RFC 8725, section 3.1).
/// </summary>
internal interface IJwtKey
{
    /// <summary>The name that tokens may give it, <c>kid</c>; null if it has none.</summary>
    string? Id { get; }

    /// <summary>Whether the key is for an algorithm (RFC 7518, section 3.1). Case counts.</summary>
    bool IsFor(string algorithm);

    /// <summary>Verifies a signature; may be called by several threads.</summary>
    /// <param name="algorithm">One that the key is for.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature.</param>
    bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}
