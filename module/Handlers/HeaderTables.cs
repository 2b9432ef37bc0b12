using System.Collections;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// The headers of a request as the tables that a scriptblock sees; made in time and memory that grow with them and no
/// faster.
/// </summary>
internal static class HeaderTables
{
    /// <summary>The headers by name, in any case of it; those that came several times are joined.</summary>
    public static Hashtable Headers(HttpHeaders source)
    {
        var headers = new Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (var same in source.GroupBy(static field => field.Key, static field => field.Value,
            StringComparer.OrdinalIgnoreCase))
            headers[same.Key] = string.Join(same.Key.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", same);
        return headers;
    }

    /// <summary>The cookies by name.</summary>
    public static Hashtable Cookies(HttpHeaders source)
    {
        // Names of cookies are told apart by case (RFC 6265, section 5.3); the first of two is the one for the longer path.
        var cookies = new Hashtable(StringComparer.Ordinal);
        foreach (var pair in source.GetAll("Cookie").SelectMany(static header => header.Split(';')))
        {
            var sign = pair.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0 || pair[..sign].Trim() is not { Length: > 0 } name || cookies.ContainsKey(name))
                continue;
            cookies[name] = Uri.UnescapeDataString(pair[(sign + 1)..].Trim().Trim('"'));
        }

        return cookies;
    }
}
