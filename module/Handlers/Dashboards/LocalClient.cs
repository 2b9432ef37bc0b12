using System.Net;

namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>Whether a request comes from this machine, and by no page of another origin.</summary>
internal static class LocalClient
{
    /// <summary>What proxies add: behind one of this machine, everybody seems to be here.</summary>
    private static readonly string[] OfProxies = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    /// <summary>Whether the client is at a loopback address, and no proxy has been told of.</summary>
    public static bool IsHere(BaseHttpRequestHandler handler) =>
        IsLoopback(handler.PeerAddress) && IsLoopback(handler.ClientAddress)
        && Array.TrueForAll(OfProxies, name => handler.Headers[name] is null);

    /// <summary>
    /// Whether a page of another origin has asked: by Fetch Metadata, which browsers send where they trust the connection, or
    /// else by Origin, which they do not send for what a page asks of its own server by GET.
    /// </summary>
    public static bool IsForeignPage(BaseHttpRequestHandler handler) => handler.Headers["Sec-Fetch-Site"] is { } site
        ? site is not ("same-origin" or "none")
        : handler.Headers["Origin"] is not null;

    private static bool IsLoopback(EndPoint endPoint) =>
        endPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address);
}
