using Http.Server.Logging;

namespace Http.Server.Authentication;

/// <summary>Makes values of WWW-Authenticate (RFC 9110, section 11.6.1).</summary>
internal static class Challenge
{
    /// <summary>The scheme's word and its realm, quoted.</summary>
    /// <exception cref="ArgumentException">The realm is empty, or a character of it is none of printable ASCII.</exception>
    public static string Of(string scheme, string realm)
    {
        ArgumentException.ThrowIfNullOrEmpty(realm);
        if (realm.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException(
                $"The name '{LogText.Escape(realm)}' has a character that is none of printable ASCII.", nameof(realm));
        var quoted = realm.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"{scheme} realm=\"{quoted}\"";
    }

    /// <summary>What a client is told whose token is none (RFC 6750, section 3.1).</summary>
    /// <exception cref="ArgumentException">The realm is empty, or a character of it is none of printable ASCII.</exception>
    public static string OfWrongToken(string realm) => Of("Bearer", realm) + ", error=\"invalid_token\"";
}
