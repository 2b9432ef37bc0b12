using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Servers.WebSockets;

namespace Http.Server.PowerShell.Servers;

/// <summary>What a handler is registered with.</summary>
internal sealed record HandlerSettings
{
    public required ScriptBlock ScriptBlock { get; init; }

    /// <summary>Empty for a name that is made of the handler's number.</summary>
    public string Name { get; init; } = "";

    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Null for every path.</summary>
    public RoutePattern? Pattern { get; init; }

    /// <summary>Null for all servers of the session.</summary>
    public HttpServerInstance? Server { get; init; }

    /// <summary>Null to go by the output.</summary>
    public string? ContentType { get; init; }

    /// <summary>0 for as many requests at once as the server has workers.</summary>
    public int ThrottleLimit { get; init; }

    /// <summary>How often a client may call it; null for any number.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>It is called before the request body has come.</summary>
    public bool Stream { get; init; }

    /// <summary>The schemes by which its users log in; none for those of the server.</summary>
    public IReadOnlyList<string> Authentication { get; init; } = [];

    /// <summary>The roles of which a user needs one; none for every user.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Pages of other origins may send it what changes something, with the user's credentials.</summary>
    public bool AllowsCrossSite { get; init; }

    /// <summary>Whether forms need a token of their session; null for what the server says.</summary>
    public bool? ChecksForms { get; init; }

    /// <summary>The OpenAPI document does not have it.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The channel whose events it sends, in the place of a script; null for none.</summary>
    public EventStreamSettings? Events { get; init; }

    /// <summary>What it answers WebSockets with beside the script; null for a handler of requests.</summary>
    public SocketSettings? WebSocket { get; init; }

    /// <summary>The values of <c>$using:</c> now; null if there are none.</summary>
    public IDictionary? SessionValues { get; init; }
}
