using Http.Server.Transport;

namespace Http.Server.Authentication.Jwt;

/// <summary>
/// Tokens that an issuer has signed (RFC 7519), checked by the rules of RFC 8725: the key says by which algorithm, and nothing
/// that a token says makes a file or an address be read.
/// </summary>
/// <param name="challenge">The value of WWW-Authenticate where no token was sent.</param>
/// <param name="challengeOfWrong">The value where one was.</param>
/// <param name="findKeys">Gives the keys as they are now.</param>
/// <param name="claims">What the claims have to say.</param>
internal sealed class JwtScheme(string challenge, string challengeOfWrong,
    Func<Connection, IReadOnlyList<IJwtKey>> findKeys, TokenClaims claims) : IScheme
{
    private readonly AuthorizationPlace _place = new("Bearer");
    private int _hasHinted;

    public string Type => "Bearer";

    public string? Challenge => challenge;

    public bool SendsSecret => true;

    public bool TryCheck(SchemeRequest request, out SchemeAnswer answer)
    {
        answer = SchemeAnswer.Nothing;
        if (_place.Find(request) is not { } text)
            return true;
        var connection = request.Connection;
        var user = Read(text, findKeys(connection), connection.Clock.UtcNow, out var problem);
        if (problem is not null)
            connection.Options.Log.Message(LogLevel.Debug, null, $"A token was refused: {problem}.");
        answer = user is null ? SchemeAnswer.Denied with { Challenge = challengeOfWrong } : SchemeAnswer.Of(user);
        return true;
    }

    public ValueTask<SchemeAnswer> CheckAsync(SchemeRequest request, CancellationToken cancellationToken)
    {
        TryCheck(request, out var answer);
        return new(answer);
    }

    public bool TakeHint() => Interlocked.Exchange(ref _hasHinted, 1) == 0;

    /// <summary>The user of a token; null, and why, if it is refused.</summary>
    internal HttpUser? Read(string text, IReadOnlyList<IJwtKey> keys, DateTime now, out string? problem)
    {
        if (CompactToken.TryRead(text) is not { } token)
        {
            problem = "it is none, or too long";
            return null;
        }

        if (!keys.Any(key => IsOf(token, key, keys.Count) && key.Verify(token.Algorithm, token.Signed, token.Signature)))
        {
            problem = "no key that is known has signed it by its algorithm";
            return null;
        }

        using var document = token.TryReadClaims();
        if (document is not null)
            return claims.Read(document.RootElement, now, out problem);
        problem = "its claims are no object, or one is there twice";
        return null;
    }

    /// <summary>
    /// Whether a token may be signed with a key: the key is for the algorithm, and has the name that the token gives it. One key
    /// alone needs no name.
    /// </summary>
    private static bool IsOf(CompactToken token, IJwtKey key, int count) => key.IsFor(token.Algorithm)
        && (token.KeyId is null || token.KeyId == key.Id || (key.Id is null && count == 1));
}
