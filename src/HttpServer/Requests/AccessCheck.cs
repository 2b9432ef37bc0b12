using Http.Server.Admission;
using Http.Server.Authentication;
using Http.Server.Authentication.Rules;
using Http.Server.Sessions;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>Whether a request may be answered at all: who asks, if that is asked for, and whether that user may.</summary>
internal sealed class AccessCheck
{
    private readonly List<IScheme> _schemes = [];
    private readonly List<string?> _challenges = [];

    public AuthenticationOutcome Outcome { get; private set; }

    /// <summary>The request goes on to its method.</summary>
    public bool IsGranted => Outcome is AuthenticationOutcome.Granted or AuthenticationOutcome.Preflight;

    /// <summary>Credentials are asked for: the answer has the challenges of all schemes.</summary>
    public bool IsDenied => Outcome == AuthenticationOutcome.Denied;

    /// <summary>
    /// By what the server proves itself to a client that is let in, a value of WWW-Authenticate; null for nothing.
    /// </summary>
    public string? Proof { get; private set; }

    public void Reset() => (Outcome, Proof) = (AuthenticationOutcome.Granted, null);

    /// <summary>Whether anything is asked of the request.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="own">What is asked for what the request asks for, beside what the whole server asks.</param>
    public static bool IsAskedFor(IRequestHandler handler, AccessPolicy? own) =>
        own is not null || handler.Authentication is not null || handler.Access is not null;

    /// <summary>
    /// Checks a request of which something is asked; a password that has to be hashed, and a function that takes its time, are
    /// waited for as long as the client waits.
    /// </summary>
    /// <param name="handler">The handler.</param>
    /// <param name="own">What is asked for what the request asks for, beside what the whole server asks.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="request">Takes the user.</param>
    /// <param name="session">The session of the request; null for a server that keeps none.</param>
    public async ValueTask CheckAsync(
        IRequestHandler handler, AccessPolicy? own, ClientInfo client, RequestState request, RequestSession? session)
    {
        var asked = new SchemeRequest(handler.Connection, client.AddressOf(handler.Connection), session);
        // Until it is known to be granted: what throws on the way is answered, and the answer is none of a method.
        Outcome = AuthenticationOutcome.Busy;
        if (handler.IsPreflight() && asked.FindField("authorization"u8).IsEmpty)
        {
            Outcome = AuthenticationOutcome.Preflight;
            return;
        }

        var decisive = own is { Schemes.Count: > 0 } ? own : handler.Access;
        Collect(handler, own, decisive);
        var outcome = await AuthenticateAsync(handler, decisive?.AllowPlainHttp == true, client, asked, request)
            .ConfigureAwait(false);
        if (outcome is AuthenticationOutcome.Anonymous or AuthenticationOutcome.Granted && LoginPage.Of(_schemes) is { } page
            && LoginPage.IsAskedFor(handler, page))
        {
            // Who is not known yet, or is to be somebody else, has to get at the page by which he will be.
            Outcome = AuthenticationOutcome.Granted;
            return;
        }

        var roles = (own ?? handler.Access)?.Roles;
        if (outcome == AuthenticationOutcome.Granted && roles is { Count: > 0 } && !roles.Any(request.User!.IsInRole))
            outcome = AuthenticationOutcome.Forbidden;
        var (rules, more) = (handler.Authentication?.Users.Rules, handler.Access?.Table);
        if (rules is not null || more is not null)
            Outcome = ApplyRules(handler, own, request, rules, more, outcome);
        else
            Outcome = outcome == AuthenticationOutcome.Anonymous ? AuthenticationOutcome.Denied : outcome;
    }

    /// <summary>Answers a request that may not be answered otherwise.</summary>
    public void Refuse(IHandlerContext context)
    {
        switch (Outcome)
        {
            case AuthenticationOutcome.NotSecure:
                context.SendError(403, null, "A password is asked for here only over HTTPS.");
                break;
            case AuthenticationOutcome.Busy:
                context.SendError(503, null, "Too many passwords wait to be checked.");
                break;
            case AuthenticationOutcome.Forbidden:
                context.SendError(403, null, "The user is known, and may not do this.");
                break;
            case var _ when LoginPage.Of(_schemes) is { } page && LoginPage.MaySendTo(context, page):
                LoginPage.SendTo(context, page);
                break;
            // A status of 401 has a challenge at least (RFC 9110, section 15.5.2).
            case var _ when !_challenges.Exists(static challenge => challenge is not null):
                context.SendError(403, null, "This is for users alone, and nothing that the client could send makes it one.");
                break;
            default:
                context.SendError(401);
                break;
        }
    }

    /// <summary>Adds the challenges of all schemes, each in a field of its own: not all clients take a list.</summary>
    public void SendChallenges(IHandlerContext context)
    {
        foreach (var challenge in _challenges.OfType<string>())
            context.SendHeader("WWW-Authenticate", challenge);
    }

    /// <summary>
    /// What rules make of an outcome. They may let those in who have not logged in, but not where a user or a role is asked for.
    /// </summary>
    private static AuthenticationOutcome ApplyRules(IRequestHandler handler, AccessPolicy? own, RequestState request,
        AccessRules? rules, AccessRules? more, AuthenticationOutcome outcome)
    {
        if (outcome is not (AuthenticationOutcome.Granted or AuthenticationOutcome.Anonymous or AuthenticationOutcome.NotSecure))
            return outcome;
        var view = new AccessView(rules ?? more!, rules is null ? null : more, request.User);
        var isAllowed = view.Allows(handler.FindUrl(), !AccessRules.IsSafe(handler.Command));
        request.View = view;
        if (outcome == AuthenticationOutcome.Granted)
            return isAllowed ? outcome : AuthenticationOutcome.Forbidden;
        if (isAllowed && own is null && handler.Access is not { Roles.Count: > 0 })
            return AuthenticationOutcome.Granted;
        return outcome == AuthenticationOutcome.Anonymous ? AuthenticationOutcome.Denied : outcome;
    }

    /// <summary>
    /// Notes the schemes that count: those of the decisive policy, and the server's users where that is not the own one.
    /// </summary>
    private void Collect(IRequestHandler handler, AccessPolicy? own, AccessPolicy? decisive)
    {
        _schemes.Clear();
        if (handler.Authentication is { } users && (decisive is null || decisive != own))
            _schemes.Add(users);
        for (var index = 0; index < decisive?.Schemes.Count; index++)
            _schemes.Add(decisive.Schemes[index].Scheme);
        _challenges.Clear();
        foreach (var scheme in _schemes)
            _challenges.Add(scheme.Challenge);
    }

    /// <summary>The first scheme that knows the user decides; if there is none, the first that found something wrong.</summary>
    private async ValueTask<AuthenticationOutcome> AuthenticateAsync(
        IRequestHandler handler, bool allowsPlainHttp, ClientInfo client, SchemeRequest asked, RequestState request)
    {
        var connection = asked.Connection;
        var isReadable = !client.IsSecure(handler.Server) && client.IsFromElsewhere(connection);
        var (outcome, wait) = (AuthenticationOutcome.Anonymous, TimeSpan.Zero);
        for (var index = 0; index < _schemes.Count; index++)
        {
            var scheme = _schemes[index];
            if (isReadable && scheme.SendsSecret && !allowsPlainHttp)
            {
                outcome = AuthenticationOutcome.NotSecure;
                Hint(scheme, connection, client);
                continue;
            }

            if (!scheme.TryCheck(asked, out var answer))
            {
                // Answers to earlier requests of a pipeline do not wait for what has to be waited for here.
                if (connection.Output.HasEarlier)
                    await connection.Output.FlushEarlierAsync().ConfigureAwait(false);
                answer = await ClientDeparture.WaitUntilAsync(handler, token => scheme.CheckAsync(asked, token))
                    .ConfigureAwait(false);
            }

            if (answer.Outcome == AuthenticationOutcome.Granted)
            {
                (request.User, request.AuthType, Proof) = (answer.User, scheme.Type, answer.Challenge);
                return AuthenticationOutcome.Granted;
            }

            _challenges[index] = answer.Challenge ?? _challenges[index];
            if (answer.Outcome is AuthenticationOutcome.Busy or AuthenticationOutcome.Slowed)
                (outcome, wait) = (answer.Outcome, answer.Wait);
            else if (answer.Outcome == AuthenticationOutcome.Denied && outcome == AuthenticationOutcome.Anonymous)
                outcome = AuthenticationOutcome.Denied;
        }

        if (outcome == AuthenticationOutcome.Slowed)
            request.Refuse(new Refusal(429, "After wrong passwords, the next one is looked at a while later.",
                (int)Math.Ceiling(wait.TotalSeconds)));
        return outcome;
    }

    private static void Hint(IScheme scheme, Connection connection, ClientInfo client)
    {
        if (scheme.TakeHint())
            connection.Options.Log.Message(LogLevel.Warning, client.TextOf(connection),
                "A client on another machine was refused: over plain HTTP its password could be read on the way. "
                + "Serve it by HTTPS, or set AllowPlainHttp if the network is safe.");
    }
}
