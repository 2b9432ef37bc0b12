using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Principal;
using Http.Server.Transport;

namespace Http.Server.Authentication.Negotiate;

/// <summary>
/// Kerberos, and NTLM where the system has it, by tokens of SPNEGO (RFC 4559). Who has proved who it is stays the user of the
/// connection until it ends or another token comes; not where a proxy may send requests of others on it too.
/// </summary>
/// <param name="findUser">Gives the user of an identity; null for one of its name.</param>
internal sealed class NegotiateScheme(Func<IIdentity, CancellationToken, ValueTask<HttpUser?>>? findUser) : IScheme
{
    /// <summary>
    /// In characters of base64. Tickets of users in hundreds of groups have 48 KiB at most on Windows; a head is limited too.
    /// </summary>
    private const int MaxToken = 64 * 1024;

    private const int MaxName = 256;

    /// <summary>A token may wait for another machine. Those who wait beyond wait here, and not in threads.</summary>
    private static readonly SemaphoreSlim Gate = new(16);

    private readonly AuthorizationPlace _place = new("Negotiate");
    private readonly ConditionalWeakTable<Connection, NegotiateSession> _sessions = [];
    private int _hasHinted;
    private int _hasWarned;

    public string Type => "Negotiate";

    public string? Challenge => "Negotiate";

    public bool SendsSecret => true;

    public bool TryCheck(SchemeRequest request, out SchemeAnswer answer)
    {
        if (_place.Find(request) is { } token)
        {
            answer = SchemeAnswer.Denied;
            return token.Length is 0 or > MaxToken;
        }

        answer = !request.HasField("authorization"u8) && !IsShared(request)
            && _sessions.TryGetValue(request.Connection, out var session) && session.User is { } user
                ? SchemeAnswer.Of(user)
                : SchemeAnswer.Nothing;
        return true;
    }

    public async ValueTask<SchemeAnswer> CheckAsync(SchemeRequest request, CancellationToken cancellationToken)
    {
        if (_place.Find(request) is not { Length: > 0 } text)
            return SchemeAnswer.Denied;
        if (IsShared(request))
        {
            using var alone = new NegotiateSession();
            return await TakeAsync(request.Connection, alone, text, isAlone: true, cancellationToken).ConfigureAwait(false);
        }

        var session = _sessions.GetValue(request.Connection, static connection =>
        {
            var made = new NegotiateSession();
            connection.Ended.UnsafeRegister(static session => ((NegotiateSession)session!).Dispose(), made);
            return made;
        });
        return await TakeAsync(request.Connection, session, text, isAlone: false, cancellationToken).ConfigureAwait(false);
    }

    public bool TakeHint() => Interlocked.Exchange(ref _hasHinted, 1) == 0;

    /// <summary>
    /// Whether the connection may carry requests of several clients: then only what one request proves counts for it.
    /// </summary>
    private static bool IsShared(SchemeRequest request) => request.Connection.IsFromProxy || request.HasField("via"u8)
        || request.HasField("forwarded"u8) || request.HasField("x-forwarded-for"u8);

    private async ValueTask<SchemeAnswer> TakeAsync(
        Connection connection, NegotiateSession session, string text, bool isAlone, CancellationToken cancellationToken)
    {
        var token = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, token, out var length))
        {
            session.User = null;
            session.Forget();
            return SchemeAnswer.Denied;
        }

        NegotiateAuthenticationStatusCode status;
        byte[]? reply = null;
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            status = await Task.Run(() => session.Take(token.AsSpan(0, length), out reply), CancellationToken.None)
                .ConfigureAwait(false);
        }
        finally
        {
            Gate.Release();
        }

        var challenge = reply is { Length: > 0 } ? "Negotiate " + Convert.ToBase64String(reply) : null;
        if (status == NegotiateAuthenticationStatusCode.ContinueNeeded && !isAlone)
            return SchemeAnswer.Denied with { Challenge = challenge };
        if (status != NegotiateAuthenticationStatusCode.Completed || session.Identity is not { } identity)
        {
            Report(connection, status);
            return SchemeAnswer.Denied;
        }

        var user = IsSomebody(identity)
            ? findUser is null ? new HttpUser(identity.Name!) : await findUser(identity, cancellationToken).ConfigureAwait(false)
            : null;
        session.Forget();
        if (!isAlone)
            session.User = user;
        return user is null ? SchemeAnswer.Denied : SchemeAnswer.Of(user) with { Challenge = challenge };
    }

    /// <summary>Both mechanisms have a way to prove that one is nobody.</summary>
    private static bool IsSomebody(IIdentity identity) =>
        identity is { IsAuthenticated: true, Name: { Length: > 0 and <= MaxName } name }
        && !name.Any(char.IsControl) && !name.StartsWith("WELLKNOWN/", StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith("ANONYMOUS LOGON", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the server lacks is said once, as a warning; what a client sends is its own affair.</summary>
    private void Report(Connection connection, NegotiateAuthenticationStatusCode status)
    {
        var problem = status switch
        {
            NegotiateAuthenticationStatusCode.Unsupported => "this system has no GSSAPI: install libgssapi-krb5-2, or krb5-libs",
            NegotiateAuthenticationStatusCode.UnknownCredentials =>
                "the server has no key: KRB5_KTNAME names a keytab with the principal HTTP/NAME-OF-THIS-HOST",
            _ => null,
        };
        if (problem is not null && Interlocked.Exchange(ref _hasWarned, 1) == 0)
            connection.Options.Log.Message(LogLevel.Warning, null, $"Nobody can log in by Negotiate: {problem}.");
        else
            connection.Options.Log.Message(LogLevel.Debug, null, $"A token of Negotiate was refused: {status}.");
    }
}
