namespace Http.Server.PowerShell.Handlers.Schemes;

/// <summary>Where clients of a scheme put their credentials, if not in the field Authorization.</summary>
internal sealed record SchemePlaces
{
    /// <summary>The field of a key; null for none.</summary>
    public string? Header { get; init; }

    /// <summary>The name of a key in the query; null for none.</summary>
    public string? Query { get; init; }

    /// <summary>The cookie of a key; null for none.</summary>
    public string? Cookie { get; init; }

    /// <summary>The tokens are signed ones (JWT, RFC 7519).</summary>
    public bool TakesJwt { get; init; }
}
