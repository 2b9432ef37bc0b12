using System.Globalization;
using Http.Server.Pages;
using Http.Server.Protocol;
using Http.Server.Transport;

namespace Http.Server.LiveReload;

/// <summary>The two paths that live reload answers by itself: its script, and the events that the script listens to.</summary>
internal static class LiveReloadEndpoint
{
    private static readonly string[] EventSegments = [".well-known", "httpserver", "live-reload"];

    private static readonly string[] ScriptSegments = [".well-known", "httpserver", "live-reload.js"];

    /// <summary>
    /// The script. A page that has missed something, because its tab was hidden or the server was away, is loaded anew when it
    /// learns of another version than its own. A hidden tab does not listen: browsers open six connections to a server of
    /// HTTP/1.1, all tabs together.
    /// </summary>
    private static readonly PageAsset Script = new("live-reload.js");

    /// <summary>Whether a path is that of the events.</summary>
    public static bool IsEvents(UrlPath url) => !url.HasTrailingSlash && url.Segments.SequenceEqual(EventSegments);

    /// <summary>Whether a path is that of the script.</summary>
    public static bool IsScript(UrlPath url) => !url.HasTrailingSlash && url.Segments.SequenceEqual(ScriptSegments);

    /// <summary>Answers with the script.</summary>
    public static ValueTask SendScriptAsync(IHandlerContext context)
    {
        var script = Script.Content;
        context.SendResponse(200);
        context.SendHeader("Content-Type", "text/javascript; charset=utf-8");
        context.SendHeader("Content-Length", script.Length.ToString(CultureInfo.InvariantCulture));
        context.SendHeader("Cache-Control", "no-cache");
        context.SendHeader("X-Content-Type-Options", "nosniff");
        context.EndHeaders();
        return context.Wfile.WriteAsync(script);
    }

    /// <summary>Sends the head of the events, whose body has no length and ends with the connection.</summary>
    public static void SendEventsHead(IHandlerContext context)
    {
        context.SendResponse(200);
        context.SendHeader("Content-Type", "text/event-stream");
        context.SendHeader("Cache-Control", "no-store");
        context.SendHeader("X-Content-Type-Options", "nosniff");
        // nginx would gather events before it passes them on.
        context.SendHeader("X-Accel-Buffering", "no");
        context.EndHeaders();
    }
}
