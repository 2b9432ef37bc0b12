using Http.Server.Headers;

namespace Http.Server.Authentication;

/// <summary>A scheme of users and passwords that slows guesses down.</summary>
/// <param name="scheme">Knows the passwords.</param>
internal sealed class GuardedScheme(IScheme scheme) : IScheme
{
    private readonly WrongPasswords _wrong = new();

    public string Type => scheme.Type;

    public string? Challenge => scheme.Challenge;

    public bool SendsSecret => scheme.SendsSecret;

    public bool TryCheck(SchemeRequest request, out SchemeAnswer answer) => scheme.TryCheck(request, out answer);

    public async ValueTask<SchemeAnswer> CheckAsync(SchemeRequest request, CancellationToken cancellationToken)
    {
        if (BasicCredentials.TryParse(request.FindField("authorization"u8)) is not { User: var user })
            return SchemeAnswer.Denied;
        var (network, clock) = (ClientNetwork.Of(request.Client), request.Connection.Clock);
        var wait = _wrong.FindWait(network, user, clock.Milliseconds);
        if (wait > TimeSpan.Zero)
            return SchemeAnswer.After(wait);
        var answer = await scheme.CheckAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.Outcome == AuthenticationOutcome.Granted)
            _wrong.Forget(network, user, clock.Milliseconds);
        else
            _wrong.Add(network, user, clock.Milliseconds);
        return answer;
    }

    public bool TakeHint() => scheme.TakeHint();
}
