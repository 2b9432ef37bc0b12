using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Schemes;

/// <summary>
/// The schemes of one server by their names, as far as they are asked for. A scheme is made once, so that the users that it
/// remembers stay when handlers come and go.
/// </summary>
/// <param name="workers">The workers of the server as they are when a scriptblock is to be called.</param>
/// <param name="allowsPlainHttp">Credentials may come over plain HTTP from other machines.</param>
internal sealed class ServerSchemes(Func<WorkerPool> workers, bool allowsPlainHttp)
{
    private readonly Dictionary<RegisteredScheme, AuthenticationScheme> _made = [];

    /// <summary>Who may ask.</summary>
    /// <param name="names">The schemes; none for those of users with passwords alone.</param>
    /// <param name="roles">The roles; none for every user.</param>
    /// <param name="registered">The session's schemes.</param>
    /// <param name="users">The server's users with passwords, beside the schemes; null for none.</param>
    /// <param name="rules">What who may do at which path; null for no rules.</param>
    /// <returns>Null if neither is asked for: everybody may.</returns>
    public AccessPolicy? MakePolicy(IReadOnlyList<string> names, IReadOnlyList<string> roles,
        IReadOnlyList<RegisteredScheme> registered, BasicAuthentication? users = null, AccessPolicy? rules = null)
    {
        if (names.Count == 0 && roles.Count == 0)
            return null;
        List<AuthenticationScheme> schemes = users is null ? [] : [AuthenticationScheme.Of(users)];
        schemes.AddRange(names.Select(name => Find(name, registered)));
        return new AccessPolicy
        {
            Schemes = schemes,
            Roles = roles,
            Rules = rules?.Rules ?? [],
            AllowPlainHttp = allowsPlainHttp,
        };
    }

    /// <summary>Forgets the schemes that are registered no more, and the users that they remember.</summary>
    public void Keep(IReadOnlyList<RegisteredScheme> registered)
    {
        foreach (var gone in _made.Keys.Except(registered).ToArray())
            _made.Remove(gone);
    }

    /// <summary>A scheme that is registered no more lets nobody in: it is not as if none had been asked for.</summary>
    private AuthenticationScheme Find(string name, IReadOnlyList<RegisteredScheme> registered)
    {
        var scheme = registered.FirstOrDefault(scheme => scheme.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (scheme is null)
            return AuthenticationScheme.Bearer(name, static (_, _) => default);
        if (!_made.TryGetValue(scheme, out var made))
            _made.Add(scheme, made = scheme.Make(workers));
        return made;
    }
}
