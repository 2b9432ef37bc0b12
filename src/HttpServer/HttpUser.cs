namespace Http.Server;

/// <summary>Who a request was authenticated as: a name, and the roles that access rules ask for.</summary>
public sealed class HttpUser
{
    private readonly string[] _roles;

    /// <summary>Names a user.</summary>
    /// <param name="name">The name; it stands in the log, and in REMOTE_USER of CGI programs.</param>
    /// <param name="roles">The roles; groups of a users' file are roles too.</param>
    /// <exception cref="ArgumentException">The name is empty, or it or a role has a control character.</exception>
    public HttpUser(string name, params IEnumerable<string> roles)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(roles);
        _roles = [.. roles];
        if (name.Any(char.IsControl)
            || Array.Exists(_roles, static role => string.IsNullOrEmpty(role) || role.Any(char.IsControl)))
            throw new ArgumentException(
                "A user's name and roles have no control characters, and no role is empty.", nameof(name));
        Name = name;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The roles; none by default.</summary>
    public IReadOnlyList<string> Roles => _roles;

    /// <summary>Whether the user has a role. Case counts.</summary>
    /// <param name="role">The role.</param>
    public bool IsInRole(string role) => Array.IndexOf(_roles, role) >= 0;

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Whether the other is a user of the same name and roles, or a text that is the name.</summary>
    /// <param name="obj">A user or a text.</param>
    /// <remarks>Scripts compare with texts: <c>$Request.User -eq 'anna'</c>. Case counts.</remarks>
    public override bool Equals(object? obj) => obj switch
    {
        HttpUser other => other.Name == Name && other._roles.AsSpan().SequenceEqual(_roles),
        string text => text == Name,
        _ => false,
    };

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
