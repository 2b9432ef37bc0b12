namespace Http.Server.Headers;

/// <summary>
/// Tells requests that a page of another origin has a browser send from all others (cross-site request
/// forgery).
/// </summary>
internal static class RequestOrigin
{
    /// <summary>
    /// Whether a request comes from a page of this very server, from its user by hand, or from no browser. What newer browsers
    /// say in <c>Sec-Fetch-Site</c> decides, which no page can set; otherwise <c>Origin</c>, which is compared with <c>Host</c>:
    /// a browser sends neither port where it is the usual one.
    /// </summary>
    /// <param name="fetchSite">The Sec-Fetch-Site header; null if there is none.</param>
    /// <param name="origin">The Origin header; null if there is none.</param>
    /// <param name="host">The Host header; null if there is none.</param>
    /// <param name="isSecure">The request came by HTTPS: a page that came by HTTP is another's then. Not the other way round:
    /// there may be a proxy in between that speaks HTTPS with the browser.</param>
    public static bool IsOwn(string? fetchSite, string? origin, string? host, bool isSecure)
    {
        if (fetchSite is not null)
            return fetchSite is "same-origin" or "none";
        if (origin is null)
            return true;
        return host is not null
            && (IsOf(origin, "https://", host) || (!isSecure && IsOf(origin, "http://", host)));
    }

    private static bool IsOf(string origin, string scheme, string host) =>
        origin.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
        && origin.AsSpan(scheme.Length).Equals(host, StringComparison.OrdinalIgnoreCase);
}
