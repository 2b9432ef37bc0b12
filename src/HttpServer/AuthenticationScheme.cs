using System.Security.Cryptography.X509Certificates;
using System.Security.Principal;
using Http.Server.Authentication;
using Http.Server.Authentication.Certificates;
using Http.Server.Authentication.Jwt;
using Http.Server.Authentication.Negotiate;
using Http.Server.Headers;
using Http.Server.Logging;

namespace Http.Server;

/// <summary>One way in which a client says who it is, for <see cref="AccessPolicy"/>.</summary>
/// <remarks>
/// The functions that are given decide on the credential alone: a user that they gave is remembered for a short time, by a keyed
/// hash of the credential, and the function is not called again meanwhile.
/// </remarks>
public sealed class AuthenticationScheme
{
    private AuthenticationScheme(string name, IScheme scheme) => (Name, Scheme) = (name, scheme);

    /// <summary>For how long a user is remembered by default: 60 seconds.</summary>
    public static TimeSpan DefaultRememberTime { get; } = TimeSpan.FromSeconds(60);

    /// <summary>The scheme's name, which clients see as the realm.</summary>
    public string Name { get; }

    /// <summary>How requests are authenticated by it: <c>Bearer</c>, <c>ApiKey</c>, <c>Basic</c>,
    /// <c>ClientCertificate</c>, <c>Negotiate</c>, <c>Session</c>.</summary>
    public string Type => Scheme.Type;

    internal IScheme Scheme { get; }

    /// <summary>Takes the users and passwords of an object that may serve handlers by itself too.</summary>
    /// <param name="users">The users; their realm is the scheme's name.</param>
    public static AuthenticationScheme Of(BasicAuthentication users)
    {
        ArgumentNullException.ThrowIfNull(users);
        return new(users.Realm, users);
    }

    /// <summary>Takes tokens in the field Authorization (RFC 6750, section 2.1).</summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="check">Gives the user of a token; null for a token that is none.</param>
    /// <param name="rememberTime">For how long a user is remembered; null for <see cref="DefaultRememberTime"/>, zero for
    /// not.</param>
    /// <exception cref="ArgumentException">The name is empty or has other characters.</exception>
    public static AuthenticationScheme Bearer(
        string name, Func<string, CancellationToken, ValueTask<HttpUser?>> check, TimeSpan? rememberTime = null)
    {
        ArgumentNullException.ThrowIfNull(check);
        return new(name, new CredentialScheme("Bearer", Challenge.Of("Bearer", name), new AuthorizationPlace("Bearer"), check,
            rememberTime ?? DefaultRememberTime, Challenge.OfWrongToken(name)));
    }

    /// <summary>
    /// Takes tokens that an issuer has signed (JWT, RFC 7519), in the field Authorization. The key says by which algorithm: a
    /// secret of 32 bytes or more HS256, an RSA key of 2048 bits or more RS256 and PS256, one of P-256 ES256. A token needs
    /// <c>exp</c> and <c>sub</c>, the user's name; <c>exp</c>, <c>nbf</c> and <c>iat</c> may differ from this clock by 60
    /// seconds. The roles are those of <c>roles</c> and <c>role</c>; scopes are none.
    /// </summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="key">A public key or a certificate in PEM, or a secret.</param>
    /// <param name="issuer">What <c>iss</c> has to be; null for anything.</param>
    /// <param name="audience">What <c>aud</c> has to name; null for tokens that have none.</param>
    /// <exception cref="ArgumentException">The key is too short, or of another kind.</exception>
    public static AuthenticationScheme Jwt(string name, byte[] key, string? issuer = null, string? audience = null)
    {
        IReadOnlyList<IJwtKey> keys = [KeyReader.Read(key)];
        return new(name, new JwtScheme(Challenge.Of("Bearer", name), Challenge.OfWrongToken(name), _ => keys,
            new TokenClaims(issuer, audience)));
    }

    /// <summary>
    /// The same with a file of keys (JWKS, RFC 7517), which is read anew when it has changed. A token may name one of them by
    /// <c>kid</c>; a key with <c>alg</c> is for that alone.
    /// </summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="path">The file.</param>
    /// <param name="issuer">What <c>iss</c> has to be; null for anything.</param>
    /// <param name="audience">What <c>aud</c> has to name; null for tokens that have none.</param>
    /// <exception cref="ArgumentException">The file cannot be read, or has no key that could be used.</exception>
    public static AuthenticationScheme JwtFromFile(string name, string path, string? issuer = null, string? audience = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(name, new JwtScheme(Challenge.Of("Bearer", name), Challenge.OfWrongToken(name), new KeySetFile(path).Find,
            new TokenClaims(issuer, audience)));
    }

    /// <summary>Takes keys in a field, in the query or in a cookie. Keys in a query stand in logs and histories.</summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="check">Gives the user of a key; null for a key that is none.</param>
    /// <param name="header">The field's name; null for none.</param>
    /// <param name="query">The name in the query; null for none.</param>
    /// <param name="cookie">The cookie's name; null for none.</param>
    /// <param name="rememberTime">For how long a user is remembered; null for <see cref="DefaultRememberTime"/>, zero for
    /// not.</param>
    /// <exception cref="ArgumentException">A name is empty or has characters that it may not have, or no place is
    /// given.</exception>
    public static AuthenticationScheme ApiKey(
        string name, Func<string, CancellationToken, ValueTask<HttpUser?>> check, string? header = "X-Api-Key",
        string? query = null, string? cookie = null, TimeSpan? rememberTime = null)
    {
        ArgumentNullException.ThrowIfNull(check);
        return new(name, new CredentialScheme("ApiKey", Challenge.Of("ApiKey", name), new KeyPlace(header, query, cookie), check,
            rememberTime ?? DefaultRememberTime));
    }

    /// <summary>Takes users and passwords (RFC 7617). For a file of users there is <see cref="BasicAuthentication"/>.</summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="check">Gives the user for a name and a password; null if they are wrong.</param>
    /// <param name="rememberTime">For how long a user is remembered; null for <see cref="DefaultRememberTime"/>, zero for
    /// not.</param>
    /// <exception cref="ArgumentException">The name is empty or has other characters.</exception>
    public static AuthenticationScheme Basic(
        string name, Func<string, string, CancellationToken, ValueTask<HttpUser?>> check, TimeSpan? rememberTime = null)
    {
        ArgumentNullException.ThrowIfNull(check);
        return new(name, new GuardedScheme(new CredentialScheme("Basic", Challenge.Of("Basic", name) + ", charset=\"UTF-8\"",
            new AuthorizationPlace("Basic"),
            (encoded, cancellationToken) => BasicCredentials.TryDecode(System.Text.Encoding.Latin1.GetBytes(encoded)) is { } found
                ? check(found.User, found.Password, cancellationToken)
                : default,
            rememberTime ?? DefaultRememberTime)));
    }

    /// <summary>
    /// Takes certificates of clients (RFC 8446, section 4.4.2): those that an authority has issued, those with a thumbprint, or,
    /// if both are given, those for which both hold. They have to be valid now and, where they say what they are for, for
    /// clients (<c>clientAuth</c>). The system's authorities count for nothing, nothing is fetched from the network, and
    /// revocation is not looked at. The server has to ask for them: <see cref="HttpServerOptions.AsksForClientCertificate"/>.
    /// Over plain HTTP nobody is let in, whatever a proxy says.
    /// </summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="authorities">
    /// The authorities, a root among them; those between it and clients may be sent by clients too. Null for any authority.
    /// </param>
    /// <param name="thumbprints">SHA-256 or SHA-1 hashes of certificates in hexadecimal digits; spaces and colons do not count.
    /// Null for any certificate of the authorities.</param>
    /// <param name="findUser">
    /// Gives the user of a certificate that is good, and null for one that is to be refused all the same. By default the user
    /// is the most specific common name of the subject or, without one, the first DNS name, e-mail address or principal name
    /// among the alternative names, without roles.
    /// </param>
    /// <param name="rememberTime">For how long a user that <paramref name="findUser"/> gave is remembered; null for
    /// <see cref="DefaultRememberTime"/>, zero for not.</param>
    /// <exception cref="ArgumentException">There are neither authorities nor thumbprints, or one of them is none.</exception>
    public static AuthenticationScheme ClientCertificate(string name, IEnumerable<X509Certificate2>? authorities,
        IEnumerable<string>? thumbprints = null,
        Func<X509Certificate2, CancellationToken, ValueTask<HttpUser?>>? findUser = null, TimeSpan? rememberTime = null) =>
        new(name, new CertificateScheme(Challenge.Of("ClientCertificate", name),
            new CertificateCheck(authorities ?? [], thumbprints ?? []), findUser, rememberTime ?? DefaultRememberTime));

    /// <summary>The same with a file of authorities in PEM (RFC 7468), which is read now.</summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="authorityPath">The file.</param>
    /// <param name="thumbprints">Hashes of certificates; null for any certificate of the authorities.</param>
    /// <param name="findUser">Gives the user of a certificate; null for the one whom it names.</param>
    /// <param name="rememberTime">For how long that user is remembered; null for <see cref="DefaultRememberTime"/>.</param>
    /// <exception cref="ArgumentException">The file cannot be read, or has something else than authorities.</exception>
    public static AuthenticationScheme ClientCertificateFromFile(string name, string authorityPath,
        IEnumerable<string>? thumbprints = null,
        Func<X509Certificate2, CancellationToken, ValueTask<HttpUser?>>? findUser = null, TimeSpan? rememberTime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(authorityPath);
        return ClientCertificate(name, AuthorityFile.Read(authorityPath), thumbprints, findUser, rememberTime);
    }

    /// <summary>
    /// Takes tokens of Kerberos, and of NTLM where the system has it (RFC 4559). On Windows the key is that of the account that
    /// the program runs as; elsewhere it is in a keytab, <c>KRB5_KTNAME</c> or <c>/etc/krb5.keytab</c>, for the principal
    /// <c>HTTP/host</c>, and the system needs GSSAPI. Who has proved who it is stays the user of the connection; where a request
    /// comes by a proxy, which may send those of others on the connection, only what it proves by itself counts.
    /// </summary>
    /// <param name="name">The scheme's name, in printable ASCII. Clients do not see it.</param>
    /// <param name="findUser">Gives the user of an identity, with roles say, and null for one that is to be refused. By default
    /// the user has the identity's name, <c>anna@EXAMPLE.COM</c>, and no roles. What it gives counts for the connection.</param>
    /// <exception cref="ArgumentException">The name is empty or has other characters.</exception>
    public static AuthenticationScheme Negotiate(
        string name, Func<IIdentity, CancellationToken, ValueTask<HttpUser?>>? findUser = null)
    {
        _ = Challenge.Of("Negotiate", name);
        return new(name, new NegotiateScheme(findUser));
    }

    /// <summary>
    /// Knows users by their sessions: a handler has put the user there (<see cref="Sessions.HttpSession.User"/>) when somebody
    /// logged in. The server needs <see cref="HttpServerOptions.Sessions"/>.
    /// </summary>
    /// <param name="name">The scheme's name, in printable ASCII.</param>
    /// <param name="loginPath">
    /// The path of a page by which users log in, <c>/login</c>: browsers are sent there, with the address that they asked for as
    /// <c>returnTo</c> in the query, and everybody may ask for it. Other clients are answered 401. Null, the default, for none.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty or has other characters, or the path is none.</exception>
    public static AuthenticationScheme Session(string name, string? loginPath = null)
    {
        if (loginPath is not null && (!loginPath.StartsWith('/') || loginPath.StartsWith("//", StringComparison.Ordinal)
            || loginPath.Any(static letter => letter is <= ' ' or > '~' or '?' or '#' or '\\')))
            throw new ArgumentException(
                $"'{LogText.Escape(loginPath)}' is no path of a page to log in: give one such as /login, percent-encoded.",
                nameof(loginPath));
        return new(name, new SessionScheme(name, loginPath));
    }
}
