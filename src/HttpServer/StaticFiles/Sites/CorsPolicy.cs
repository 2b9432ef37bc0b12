using Http.Server.Protocol;
using Http.Server.Transport;

namespace Http.Server.StaticFiles.Sites;

/// <summary>Which origins' pages may read answers (the Fetch standard's CORS protocol).</summary>
internal sealed class CorsPolicy(IReadOnlyList<string> origins)
{
    /// <summary>How long a browser may remember the answer to a preflight, in seconds: Chromium's longest is 2 hours.</summary>
    private const string PreflightAge = "7200";

    /// <summary>Whether a request is a preflight: it has to be answered before a password is asked for.</summary>
    public static bool IsPreflight(IHandlerContext context) => context.Command == "OPTIONS"
        && context.Headers["Origin"] is not null && context.Headers["Access-Control-Request-Method"] is not null;

    /// <summary>Whether pages of all origins may read answers, which then do not depend on the origin.</summary>
    public bool NamesAll => origins.Contains("*");

    /// <summary>Whether an origin is named; <c>*</c>, which is about reading, names none.</summary>
    public bool Names(string? origin) =>
        origin is not null && origin != "*" && origins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    /// <summary>Answers a preflight.</summary>
    /// <param name="context">The request.</param>
    /// <param name="methods">The methods that the path takes.</param>
    public static void SendPreflight(IHandlerContext context, IEnumerable<string> methods)
    {
        context.SendResponse(204);
        context.SendHeader("Access-Control-Allow-Methods", string.Join(", ", methods));
        // Each name is checked: nothing of the request is sent back that is not a token.
        if (context.Headers["Access-Control-Request-Headers"] is { } wanted
            && wanted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names
            && Array.TrueForAll(names, static name => HttpGrammar.IsToken(name)))
            context.SendHeader("Access-Control-Allow-Headers", string.Join(", ", names));
        context.SendHeader("Access-Control-Max-Age", PreflightAge);
        context.EndHeaders();
    }

    /// <summary>Adds what tells a page that it may read the answer.</summary>
    /// <param name="context">The request.</param>
    public void SendHeaders(IHandlerContext context)
    {
        if (NamesAll)
            context.SendHeader("Access-Control-Allow-Origin", "*");
        else if (context.Headers["Origin"] is { } origin && origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            context.SendHeader("Access-Control-Allow-Origin", origin);
    }
}
