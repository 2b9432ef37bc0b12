using Http.Server.Authentication;
using Http.Server.Headers;

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

    /// <summary>How requests are authenticated by it: <c>Bearer</c>, <c>ApiKey</c>, <c>Basic</c>.</summary>
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
            rememberTime ?? DefaultRememberTime));
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
}
