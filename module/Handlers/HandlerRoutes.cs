using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers;

/// <summary>A server's handlers as its connections look them up; replaced as a whole when one comes or goes.</summary>
internal sealed class HandlerRoutes
{
    private readonly Dictionary<RegisteredHandler, WorkGate> _gates = [];

    /// <param name="handlers">The handlers in the order in which they count: the first of two for the same method and path
    /// wins.</param>
    /// <param name="former">The routes until now: what runs under a handler's own limit goes on counting.</param>
    public HandlerRoutes(IEnumerable<RegisteredHandler> handlers, HandlerRoutes? former)
    {
        var entries = new List<RouteEntry<RegisteredHandler>>();
        var taken = new HashSet<(string, string?)>();
        foreach (var handler in handlers)
        {
            foreach (var method in handler.Methods)
            {
                if (taken.Add((method, handler.Pattern?.Canonical)))
                    entries.Add(new RouteEntry<RegisteredHandler>(method, handler.Pattern, handler));
            }

            if (handler.ThrottleLimit > 0)
                _gates[handler] = former?._gates.GetValueOrDefault(handler) ?? new WorkGate(handler.ThrottleLimit);
        }

        IsEmpty = entries.Count == 0;
        Table = new RouteTable<RegisteredHandler>(entries);
    }

    public bool IsEmpty { get; }

    public RouteTable<RegisteredHandler> Table { get; }

    public WorkGate? GateOf(RegisteredHandler handler) => _gates.GetValueOrDefault(handler);
}
