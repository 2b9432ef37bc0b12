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

    /// <summary>
    /// The limit for a body of a media type, and what its client is told; null for one that the server has no own limit
    /// for.
    /// </summary>
    /// <param name="contentType">The Content-Type; null if there is none.</param>
    /// <param name="limits">The server's limits.</param>
    public static (long Max, string Message)? Of(string? contentType, HttpServerOptions limits)
    {
        var type = (contentType ?? "").AsSpan();
        var end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        if (type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            return (limits.MaxFormSize, OfForm(limits));
        // A structured syntax suffix says what a type is written in (RFC 6839), application/merge-patch+json say.
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
            ? (limits.MaxJsonBodySize, OfJson(limits))
            : null;
    }
}
