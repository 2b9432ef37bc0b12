using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.SocketCalls;
using Http.Server.PowerShell.Handlers.WebSockets;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>
/// A scriptblock that answers requests: what <c>Register-HttpHandler</c> makes and <c>Get-HttpHandler</c>
/// shows.
/// </summary>
public sealed class HttpHandler
{
    private static int LastId;

    internal HttpHandler(HandlerSettings settings)
    {
        Id = NextId();
        ScriptBlock = settings.ScriptBlock;
        Server = settings.Server;
        var name = settings.Name.Length > 0 ? settings.Name : "Handler" + Id;
        var parameters = settings.WebSocket is null
            ? ParameterRoles.Read(ScriptBlock.Ast, settings.Pattern?.ParameterNames ?? [], !settings.Stream)
            : SocketParameters.Read(ScriptBlock.Ast, SocketParameters.OfMessages);
        var script = new CallableScript(Id, ScriptBlock, HandlerBody.Make, parameters) { SessionValues = settings.SessionValues };
        Registered = new RegisteredHandler(name, settings.Methods, settings.Pattern, script)
        {
            ContentType = settings.ContentType,
            ThrottleLimit = settings.ThrottleLimit,
            Stream = settings.Stream,
            RateLimit = settings.RateLimit is { } limit
                ? limit with { Name = $"{string.Join(',', settings.Methods)} {settings.Pattern?.Text ?? "*"}" }
                : null,
            Authentication = settings.Authentication,
            Roles = settings.Roles,
            AllowsCrossSite = settings.AllowsCrossSite,
            IsHidden = settings.IsHidden,
            ChecksForms = settings.ChecksForms,
            Channel = settings.Events?.Channel,
            WebSocket = settings.WebSocket is { } socket
                ? new SocketScripts(
                    MakeScript(socket.OnOpen, socket.OpenValues, []),
                    MakeScript(socket.OnClose, socket.CloseValues, SocketParameters.OfCloses), socket.Options)
                : null,
        };
        Events = settings.Events;
        (OnOpen, OnClose) = (settings.WebSocket?.OnOpen, settings.WebSocket?.OnClose);
    }

    /// <summary>The handler's number in this session.</summary>
    public int Id { get; }

    /// <summary>The handler's name; <c>Handler</c> and its number if it was not given one.</summary>
    public string Name => Registered.Name;

    /// <summary>The methods it answers; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Method => Registered.Methods;

    /// <summary>The pattern of the paths it answers; null for every path.</summary>
    public string? Path => Registered.Pattern?.Text;

    /// <summary>The scriptblock; an empty one for a stream of events.</summary>
    public ScriptBlock ScriptBlock { get; }

    /// <summary>What is called when a WebSocket has opened; null for nothing.</summary>
    public ScriptBlock? OnOpen { get; }

    /// <summary>What is called when a WebSocket has ended; null for nothing.</summary>
    public ScriptBlock? OnClose { get; }

    /// <summary>WebSockets that are open now; 0 for a handler of requests.</summary>
    public int WebSocketCount => Registered.WebSocket?.Count ?? 0;

    /// <summary>The server it was registered for; null for all servers of the session.</summary>
    public HttpServerInstance? Server { get; }

    /// <summary>The Content-Type of what it puts out; null to go by the output.</summary>
    public string? ContentType => Registered.ContentType;

    /// <summary>The channel whose events it sends; null for a handler with a scriptblock.</summary>
    public string? Channel => Registered.Channel;

    /// <summary>How many requests it may answer at once; 0 for as many as the server has workers.</summary>
    public int ThrottleLimit => Registered.ThrottleLimit;

    /// <summary>How often a client may call it; null for any number.</summary>
    public RateLimit? RateLimit => Registered.RateLimit;

    /// <summary>What clients are told apart by for that; null if there is no limit.</summary>
    public string? RateKey => Registered.RateLimit?.Key;

    /// <summary>It is called before the request body has come, and reads that by itself.</summary>
    public bool Stream => Registered.Stream;

    /// <summary>The authentications by which its users log in; none for those of the server.</summary>
    public IReadOnlyList<string> Authentication => Registered.Authentication;

    /// <summary>The roles of which a user needs one; none for every user.</summary>
    public IReadOnlyList<string> Role => Registered.Roles;

    /// <summary>Pages of other origins may send it what changes something, with the user's credentials.</summary>
    public bool AllowCrossSite => Registered.AllowsCrossSite;

    /// <summary>The OpenAPI document of servers does not have it.</summary>
    public bool Hidden => Registered.IsHidden;

    /// <summary>How often it has been called.</summary>
    public int Calls => Registered.Calls;

    /// <summary>What a server's connections call.</summary>
    internal RegisteredHandler Registered { get; }

    /// <summary>The same with how listeners are treated.</summary>
    internal EventStreamSettings? Events { get; }

    internal string? CanonicalPath => Registered.Pattern?.Canonical;

    /// <summary>A number for a new handler or filter, which names a function of the workers.</summary>
    internal static int NextId() => Interlocked.Increment(ref LastId);

    private static CallableScript? MakeScript(ScriptBlock? script, IDictionary? values, IReadOnlyList<string> given) =>
        script is null ? null : new CallableScript(
            NextId(), script, HandlerBody.Make, SocketParameters.Read(script.Ast, given))
        {
            SessionValues = values,
        };

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", Method)} {Path ?? "(every path)"}";
}
