using System.Text.Json;

namespace Http.Server.Authentication.Jwt;

/// <summary>What the claims of a token with a right signature have to say (RFC 7519, section 4.1).</summary>
/// <param name="issuer">The issuer; null for any.</param>
/// <param name="audience">The audience; null for tokens that name none.</param>
internal sealed class TokenClaims(string? issuer, string? audience)
{
    /// <summary>Clocks of issuers may differ from this one by so many seconds.</summary>
    private const double Skew = 60;

    private const int MaxName = 256;
    private const int MaxRoles = 256;

    /// <summary>Reads the user.</summary>
    /// <param name="claims">The claims, an object.</param>
    /// <param name="now">The time, in UTC.</param>
    /// <param name="problem">Why there is none, for a log.</param>
    public HttpUser? Read(JsonElement claims, DateTime now, out string? problem)
    {
        var seconds = (now - DateTime.UnixEpoch).TotalSeconds;
        problem = FindProblemOfTime(claims, seconds) ?? FindProblemOfParties(claims);
        if (problem is not null)
            return null;
        if (!claims.TryGetProperty("sub", out var subject)
            || CompactToken.TextOf(subject) is not { Length: > 0 and <= MaxName } name || name.Any(char.IsControl))
        {
            problem = "it names no user (sub)";
            return null;
        }

        var roles = new List<string>();
        if (TryAddRoles(claims, "roles", roles) && TryAddRoles(claims, "role", roles))
            return new HttpUser(name, roles);
        problem = "its roles are no texts";
        return null;
    }

    private static string? FindProblemOfTime(JsonElement claims, double now)
    {
        if (TimeOf(claims, "exp") is not { } end)
            return "it has no time at which it ends (exp)";
        if (now >= end + Skew)
            return "it has expired";
        foreach (var name in (string[])["nbf", "iat"])
        {
            if (!claims.TryGetProperty(name, out _))
                continue;
            if (TimeOf(claims, name) is not { } start)
                return $"its time is none ({name})";
            if (now < start - Skew)
                return $"it is of the future ({name})";
        }

        return null;
    }

    private string? FindProblemOfParties(JsonElement claims)
    {
        if (issuer is not null && (!claims.TryGetProperty("iss", out var own)
            || CompactToken.TextOf(own) != issuer))
            return "it is of another issuer (iss)";
        // Who is named nowhere in an audience must not take the token (section 4.1.3).
        if (!claims.TryGetProperty("aud", out var named))
            return audience is null ? null : "it names no audience (aud)";
        var isMeant = named.ValueKind switch
        {
            JsonValueKind.String => CompactToken.TextOf(named) == audience,
            JsonValueKind.Array => audience is not null
                && named.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
                && named.EnumerateArray().Any(item => CompactToken.TextOf(item) == audience),
            _ => false,
        };
        return isMeant ? null : "it is for another audience (aud)";
    }

    private static double? TimeOf(JsonElement claims, string name) => claims.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && double.IsFinite(seconds)
        ? seconds
        : null;

    /// <returns>False if the claim is there, and neither a text nor a list of texts.</returns>
    private static bool TryAddRoles(JsonElement claims, string name, List<string> roles)
    {
        if (!claims.TryGetProperty(name, out var value))
            return true;
        IEnumerable<JsonElement> items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        foreach (var item in items)
        {
            if (CompactToken.TextOf(item) is not { Length: > 0 and <= MaxName } role
                || role.Any(char.IsControl) || roles.Count == MaxRoles)
                return false;
            roles.Add(role);
        }

        return true;
    }
}
