namespace Http.Server.Authentication;

/// <summary>A scheme whose credential is a text, and which a function knows the users of.</summary>
/// <param name="type">Its name in AUTH_TYPE.</param>
/// <param name="challenge">The value of WWW-Authenticate.</param>
/// <param name="place">Where the credential stands.</param>
/// <param name="check">Gives the user; null for a credential that is none.</param>
/// <param name="rememberTime">For how long a user is remembered.</param>
/// <param name="challengeOfWrong">The value of WWW-Authenticate where one was sent; null for the usual one.</param>
internal sealed class CredentialScheme(string type, string? challenge, ICredentialPlace place,
    Func<string, CancellationToken, ValueTask<HttpUser?>> check, TimeSpan rememberTime, string? challengeOfWrong = null) : IScheme
{
    private readonly SchemeAnswer _denied = SchemeAnswer.Denied with { Challenge = challengeOfWrong };
    private int _hasHinted;

    public string Type => type;

    public string? Challenge => challenge;

    public bool SendsSecret => true;

    internal RememberedUsers Remembered { get; } = new(rememberTime);

    public bool TryCheck(SchemeRequest request, out SchemeAnswer answer)
    {
        answer = SchemeAnswer.Nothing;
        if (place.Find(request) is not { } credential)
            return true;
        answer = _denied;
        if (credential.Length == 0)
            return true;
        var user = Remembered.Find(Remembered.DigestOf(credential), request.Connection.Clock.Milliseconds);
        answer = user is null ? _denied : SchemeAnswer.Of(user);
        return user is not null;
    }

    public async ValueTask<SchemeAnswer> CheckAsync(SchemeRequest request, CancellationToken cancellationToken)
    {
        if (place.Find(request) is not { Length: > 0 } credential)
            return _denied;
        var user = await check(credential, cancellationToken).ConfigureAwait(false);
        if (user is null)
            return _denied;
        Remembered.Remember(Remembered.DigestOf(credential), user, request.Connection.Clock.Milliseconds);
        return SchemeAnswer.Of(user);
    }

    public bool TakeHint() => Interlocked.Exchange(ref _hasHinted, 1) == 0;
}
