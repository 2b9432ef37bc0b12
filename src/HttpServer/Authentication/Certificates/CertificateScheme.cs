using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Tls;
using Http.Server.Transport;

namespace Http.Server.Authentication.Certificates;

/// <summary>
/// Certificates that clients show in the handshake. What a proxy says of them is not believed: it is the end of the connection
/// that has to have the key.
/// </summary>
/// <param name="challenge">The value of WWW-Authenticate.</param>
/// <param name="check">Which certificates are let in.</param>
/// <param name="findUser">Gives the user of one; null for the one whom it names.</param>
/// <param name="rememberTime">For how long that user is remembered.</param>
internal sealed class CertificateScheme(string challenge, CertificateCheck check,
    Func<X509Certificate2, CancellationToken, ValueTask<HttpUser?>>? findUser, TimeSpan rememberTime) : IScheme
{
    private readonly ConditionalWeakTable<ClientCertificate, CertificateVerdict> _verdicts = [];
    private readonly RememberedUsers _remembered = new(rememberTime);
    private int _hasHinted;

    public string Type => "ClientCertificate";

    public string? Challenge => challenge;

    public bool SendsSecret => false;

    public bool TryCheck(SchemeRequest request, out SchemeAnswer answer)
    {
        var connection = request.Connection;
        if (Find(connection) is not { } shown)
        {
            answer = SchemeAnswer.Nothing;
            Hint(connection);
            return true;
        }

        var verdict = _verdicts.GetValue(shown, check.Judge);
        if (verdict.FindProblem(connection.Clock.UtcNow) is { } problem)
        {
            connection.Options.Log.Message(LogLevel.Debug, null, $"A client's certificate was refused: {problem}.");
            answer = SchemeAnswer.Nothing;
            return true;
        }

        answer = AnswerOf(findUser is null
            ? verdict.User
            : _remembered.Find(_remembered.DigestOf(shown.Fingerprint), connection.Clock.Milliseconds));
        return findUser is null || answer.User is not null;
    }

    public async ValueTask<SchemeAnswer> CheckAsync(SchemeRequest request, CancellationToken cancellationToken)
    {
        if (Find(request.Connection) is not { } shown || findUser is null)
            return SchemeAnswer.Nothing;
        var user = await findUser(shown.Leaf, cancellationToken).ConfigureAwait(false);
        if (user is not null)
            _remembered.Remember(_remembered.DigestOf(shown.Fingerprint), user,
                request.Connection.Clock.Milliseconds);
        return AnswerOf(user);
    }

    public bool TakeHint() => Interlocked.Exchange(ref _hasHinted, 1) == 0;

    /// <summary>
    /// A certificate that is refused is as good as none: it was shown to the server, and not for what this request asks for.
    /// </summary>
    private static SchemeAnswer AnswerOf(HttpUser? user) => user is null ? SchemeAnswer.Nothing : SchemeAnswer.Of(user);

    private static ClientCertificate? Find(Connection connection) => (connection.Secure as TlsStream)?.ClientCertificate;

    /// <summary>Where no client can ever show a certificate, somebody has to be told.</summary>
    private void Hint(Connection connection)
    {
        var problem = connection.Secure is null
            ? "A client is asked for a certificate over plain HTTP, where it can show none: serve it by HTTPS. What a proxy "
                + "says of certificates is not believed."
            : connection.Options.AsksForClientCertificate is null
                ? "A request needs a client's certificate, for which the handshake does not ask: set AsksForClientCertificate."
                : null;
        if (problem is not null && TakeHint())
            connection.Options.Log.Message(LogLevel.Warning, null, problem);
    }
}
