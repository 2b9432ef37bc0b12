using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Filters;
using Http.Server.PowerShell.Handlers.OpenApi;
using Http.Server.PowerShell.Handlers.Schemes;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers;

/// <summary>A server's handlers as its connections look them up; replaced as a whole when one comes or goes.</summary>
internal sealed class HandlerRoutes
{
    private readonly Dictionary<RegisteredHandler, WorkGate> _gates = [];
    private readonly Dictionary<RegisteredHandler, AccessPolicy> _policies = [];

    /// <param name="handlers">The handlers in the order in which they count: the first of two for the same method and path
    /// wins.</param>
    /// <param name="former">The routes until now: what runs under a handler's own limit goes on counting.</param>
    /// <param name="policyOf">Who may ask for a handler; null for who may ask for anything.</param>
    public HandlerRoutes(IEnumerable<RegisteredHandler> handlers, HandlerRoutes? former,
        Func<RegisteredHandler, AccessPolicy?> policyOf)
    {
        var entries = new List<RouteEntry<RegisteredHandler>>();
        var taken = new HashSet<(string, string?)>();
        foreach (var handler in handlers)
        {
            foreach (var method in handler.Methods)
            {
                HasWebSockets |= handler.WebSocket is not null;
                if (taken.Add((method, handler.Pattern?.Canonical)))
                    entries.Add(new RouteEntry<RegisteredHandler>(method, handler.Pattern, handler));
            }

            if (policyOf(handler) is { } policy)
            {
                _policies[handler] = policy;
                AsksForCertificates |= TakesCertificates(policy);
            }

            if (handler.ThrottleLimit > 0)
                _gates[handler] = former?._gates.GetValueOrDefault(handler) ?? new WorkGate(handler.ThrottleLimit);
        }

        IsEmpty = entries.Count == 0;
        Table = new RouteTable<RegisteredHandler>(entries);
    }

    public bool IsEmpty { get; }

    /// <summary>Whether a handler is for WebSockets.</summary>
    public bool HasWebSockets { get; }

    /// <summary>Describes the handlers; null if the server does not.</summary>
    public ApiDocument? Document { get; init; }

    /// <summary>What sees requests before and after what answers them.</summary>
    public FilterChain Filters { get; init; } = FilterChain.None;

    public RouteTable<RegisteredHandler> Table { get; }

    /// <summary>Who may ask for anything; null if that is everybody.</summary>
    public AccessPolicy? ServerPolicy
    {
        get;
        init
        {
            field = value;
            AsksForCertificates |= value is not null && TakesCertificates(value);
        }
    }

    /// <summary>Whether clients may log in by a certificate, for the server or for one of its handlers.</summary>
    public bool AsksForCertificates { get; private set; }

    /// <summary>Whether a handler has a policy of its own.</summary>
    public bool HasPolicies => _policies.Count > 0;

    /// <summary>Who may ask for a handler; null for who may ask for anything.</summary>
    public AccessPolicy? PolicyOf(RegisteredHandler handler) => _policies.GetValueOrDefault(handler);

    /// <summary>
    /// Who may ask which methods a path has: those who may ask for one of its handlers, if none of these is for everybody.
    /// </summary>
    public AccessPolicy? PolicyOf(IEnumerable<RegisteredHandler> handlers)
    {
        AccessPolicy? found = null;
        foreach (var handler in handlers)
        {
            if (PolicyOf(handler) is not { } policy)
                return null;
            found ??= policy;
        }

        return found;
    }

    /// <summary>
    /// Who may ask for a task that a handler with schemes of its own has started: whoever logs in by them. Whose task it is, is
    /// for the task to say. Null for who may ask for anything.
    /// </summary>
    public AccessPolicy? PolicyOfTask(TaskAddress address)
    {
        if (address.Schemes is not { } name)
            return null;
        var (handler, policy) = _policies.FirstOrDefault(entry => TaskAddress.NameOf(entry.Key.Authentication) == name);
        return handler is null ? null : new AccessPolicy { Schemes = policy.Schemes, AllowPlainHttp = policy.AllowPlainHttp };
    }

    public WorkGate? GateOf(RegisteredHandler handler) => _gates.GetValueOrDefault(handler);

    private static bool TakesCertificates(AccessPolicy policy) =>
        policy.Schemes.Any(static scheme => scheme.Type == RegisteredScheme.Certificate);
}
