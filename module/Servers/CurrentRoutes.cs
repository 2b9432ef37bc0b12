using Http.Server.PowerShell.Handlers;

namespace Http.Server.PowerShell.Servers;

/// <summary>
/// The routes of a server as they are now. A change has them made anew when they are next looked up: of many handlers that are
/// registered one after the other each would else take a table of all.
/// </summary>
/// <param name="make">Makes them, given those that were looked up last; null if none were.</param>
internal sealed class CurrentRoutes(Func<HandlerRoutes?, HandlerRoutes> make)
{
    private readonly Lock _lock = new();
    private HandlerRoutes? _former;
    private volatile HandlerRoutes? _current;

    /// <summary>The routes, with every change that has been told before.</summary>
    public HandlerRoutes Value => _current ?? Make();

    /// <summary>Tells that a handler, or what handlers need, has come, changed or gone.</summary>
    public void Change()
    {
        lock (_lock)
            _current = null;
    }

    private HandlerRoutes Make()
    {
        lock (_lock)
            return _current ??= _former = make(_former);
    }
}
