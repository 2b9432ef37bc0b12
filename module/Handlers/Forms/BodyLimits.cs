namespace Http.Server.PowerShell.Handlers.Forms;

/// <summary>
/// What a body may measure that is read as objects, which are in memory whole; and how a client is told that it measures
/// more.
/// </summary>
internal static class BodyLimits
{
    public static string OfJson(HttpServerOptions limits) => $"The JSON body is longer than {limits.MaxJsonBodySize} bytes";

    public static string OfForm(HttpServerOptions limits) => $"The fields of the form are longer than {limits.MaxFormSize} bytes";

    public static string OfFields(HttpServerOptions limits) => $"The form has more than {limits.MaxFormFields} fields";

    /// <summary>Whether a Content-Type is JSON.</summary>
    public static bool IsJson(string? contentType)
    {
        // A structured syntax suffix says what a type is written in (RFC 6839), application/merge-patch+json say.
        var type = TypeOf(contentType);
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a Content-Type is a form's, with files perhaps.</summary>
    public static bool IsForm(string? contentType) => IsFormOfText(contentType)
        || TypeOf(contentType).Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The limit for a body of a media type, and what its client is told; null for one that the server has no own limit
    /// for.
    /// </summary>
    /// <param name="contentType">The Content-Type; null if there is none.</param>
    /// <param name="limits">The server's limits.</param>
    public static (long Max, string Message)? Of(string? contentType, HttpServerOptions limits)
    {
        if (IsFormOfText(contentType))
            return (limits.MaxFormSize, OfForm(limits));
        return IsJson(contentType) ? (limits.MaxJsonBodySize, OfJson(limits)) : null;
    }

    private static bool IsFormOfText(string? contentType) =>
        TypeOf(contentType).Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> TypeOf(string? contentType)
    {
        var type = (contentType ?? "").AsSpan();
        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim();
    }
}
