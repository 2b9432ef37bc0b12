using System.Net;

namespace Http.Server.PowerShell.Handlers.Sessions;

/// <summary>
/// Whether a form that changes something comes from a page of this session (anti-forgery): it has a token that the session has
/// made, in a field or in a header.
/// </summary>
internal static class FormCheck
{
    /// <summary>The field of a form.</summary>
    public const string Field = "csrf_token";

    /// <summary>The header, for scripts of pages.</summary>
    public const string Header = "X-CSRF-Token";

    /// <summary>
    /// Whether a request needs a token: it is one that a page of any origin can have a browser send without asking first.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="contentType">The Content-Type; null for none.</param>
    public static bool IsNeeded(string method, string? contentType)
    {
        if (method is "GET" or "HEAD" or "OPTIONS" or "TRACE")
            return false;
        var type = (contentType ?? "").Split(';')[0].Trim();
        // A script of a page can leave the type of a POST out; forms have one of these three (HTML standard, section 4.10.21.6).
        return type.Length == 0
            ? method == "POST"
            : type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
                || type.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
                || type.Equals("text/plain", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A field for a form, which its user does not see.</summary>
    public static string MakeField(string token) =>
        $"""<input type="hidden" name="{Field}" value="{WebUtility.HtmlEncode(token)}">""";
}
