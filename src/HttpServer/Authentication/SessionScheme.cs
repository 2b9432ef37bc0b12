namespace Http.Server.Authentication;

/// <summary>Knows users by their sessions, into which a handler has put them.</summary>
/// <param name="name">The scheme's name.</param>
/// <param name="loginPath">The path of the page by which users log in; null for none.</param>
internal sealed class SessionScheme(string name, string? loginPath) : IScheme
{
    private int _hasHinted;

    public string Type => "Session";

    public string? Challenge { get; } = Authentication.Challenge.Of("Session", name);

    public string? LoginPath => loginPath;

    public bool SendsSecret => true;

    public bool TryCheck(SchemeRequest request, out SchemeAnswer answer)
    {
        answer = SchemeAnswer.Nothing;
        return request.Session is { HasId: false };
    }

    /// <exception cref="InvalidOperationException">The server keeps no sessions.</exception>
    public async ValueTask<SchemeAnswer> CheckAsync(SchemeRequest request, CancellationToken cancellationToken)
    {
        if (request.Session is not { } session)
            throw new InvalidOperationException(
                $"The authentication {name} knows users by their sessions, and this server keeps none: set Sessions of its "
                + "options (-Session of Start-HttpServer).");
        return await session.FindUserAsync().ConfigureAwait(false) is { } user ? SchemeAnswer.Of(user) : SchemeAnswer.Nothing;
    }

    public bool TakeHint() => Interlocked.Exchange(ref _hasHinted, 1) == 0;
}
