using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers.WebSockets;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// What answers requests: a script, the methods and the pattern that it is registered for, and how it is
/// called.
/// </summary>
internal sealed class RegisteredHandler
{
    private int _calls;

    public RegisteredHandler(string name, IReadOnlyList<string> methods, RoutePattern? pattern, CallableScript script) =>
        (Name, Methods, Pattern, Script) = (name, methods, pattern, script);

    public string Name { get; }

    /// <summary>The methods it answers; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Methods { get; private set; }

    /// <summary>The paths it answers; null for every path.</summary>
    public RoutePattern? Pattern { get; }

    public CallableScript Script { get; }

    /// <summary>The Content-Type of what it puts out; null to go by the output.</summary>
    public string? ContentType { get; init; }

    /// <summary>How many requests it may answer at once; 0 for as many as the server has workers.</summary>
    public int ThrottleLimit { get; init; }

    /// <summary>How often a client of a server may call it; null for any number.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>It is called before the request body has come, and reads that by itself.</summary>
    public bool Stream { get; init; }

    /// <summary>The schemes by which its users log in; none for those of the server.</summary>
    public IReadOnlyList<string> Authentication { get; init; } = [];

    /// <summary>The roles of which a user needs one; none for every user.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Pages of other origins may send it what changes something, with the user's credentials.</summary>
    public bool AllowsCrossSite { get; init; }

    /// <summary>Whether forms need a token of their session; null for what the server says.</summary>
    public bool? ChecksForms { get; init; }

    /// <summary>The channel whose events it sends, in the place of calling the script; null for none.</summary>
    public string? Channel { get; init; }

    /// <summary>What it answers WebSockets with, whose messages go to the script; null for a handler of requests.</summary>
    public SocketScripts? WebSocket { get; init; }

    /// <summary>The OpenAPI document does not have it.</summary>
    public bool IsHidden { get; init; }

    /// <summary>How often it has been called.</summary>
    public int Calls => _calls;

    public void CountCall() => Interlocked.Increment(ref _calls);

    /// <summary>It has been unregistered, or replaced: no worker needs its functions any more.</summary>
    public void Retire()
    {
        Script.IsRemoved = true;
        WebSocket?.Retire();
    }

    /// <summary>Gives methods up to another handler.</summary>
    /// <returns>False if none is left.</returns>
    public bool TryGiveUp(IReadOnlyList<string> methods)
    {
        Methods = [.. Methods.Except(methods)];
        return Methods.Count > 0;
    }
}
