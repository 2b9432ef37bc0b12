using Http.Server.State;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Servers.WebSockets;

/// <summary>
/// The channels of WebSockets of a session. All servers share them; those of a server with a shared store are that store's.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001",
    Justification = "WebSockets leave their channels when they end, and a channel without any has nothing to dispose of.")]
internal sealed class SocketChannels
{
    private readonly Lock _lock = new();
    private readonly HttpWebSocketChannels _own = new();
    private readonly Dictionary<IHttpStateStore, HttpWebSocketChannels> _shared = [];

    /// <summary>The channels of a server.</summary>
    /// <param name="store">The server's store.</param>
    public HttpWebSocketChannels Of(IHttpStateStore store)
    {
        if (!store.IsShared)
            return _own;
        lock (_lock)
        {
            if (!_shared.TryGetValue(store, out var channels))
                _shared[store] = channels = new HttpWebSocketChannels(store);
            return channels;
        }
    }

    /// <summary>The channels of some servers, each once.</summary>
    /// <param name="stores">The servers' stores.</param>
    public IReadOnlyCollection<HttpWebSocketChannels> Of(IEnumerable<IHttpStateStore> stores) =>
        [.. stores.Select(Of).Distinct()];

    /// <summary>The names of all channels that somebody is in.</summary>
    public IReadOnlyList<string> GetNames()
    {
        lock (_lock)
            return [.. _shared.Values.Prepend(_own).SelectMany(static channels => channels.GetNames())
                .Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
