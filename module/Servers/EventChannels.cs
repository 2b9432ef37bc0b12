using Http.Server.Events;
using Http.Server.State;

namespace Http.Server.PowerShell.Servers;

/// <summary>
/// The channels of events of a session. All servers share one of a name; those of a server with a shared store are that store's.
/// </summary>
internal sealed class EventChannels
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, IHttpStateStore? Store), HttpEventChannel> _channels = [];

    /// <summary>The channel of a server; made if it is not there yet.</summary>
    /// <param name="name">Its name; upper and lower case are one.</param>
    /// <param name="store">The server's store.</param>
    /// <param name="options">How a new one treats its listeners.</param>
    public HttpEventChannel Find(string name, IHttpStateStore store, HttpEventChannelOptions options)
    {
        var shared = store.IsShared ? store : null;
        var key = (name.ToUpperInvariant(), shared);
        lock (_lock)
        {
            if (!_channels.TryGetValue(key, out var channel))
                // In other processes the name may be written otherwise.
                _channels[key] = channel = new HttpEventChannel(shared is null ? name : key.Item1,
                    options with { StateStore = shared });
            return channel;
        }
    }

    /// <summary>Ends the channels of a name. Listeners come back, and find what is registered then.</summary>
    public void Close(string name) => Close(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Ends all channels.</summary>
    public void CloseAll() => Close(static _ => true);

    private void Close(Func<(string Name, IHttpStateStore? Store), bool> isMeant)
    {
        HttpEventChannel[] closed;
        lock (_lock)
        {
            var keys = _channels.Keys.Where(isMeant).ToArray();
            closed = [.. keys.Select(key => _channels[key])];
            foreach (var key in keys)
                _channels.Remove(key);
        }

        foreach (var channel in closed)
            _ = Task.Run(async () => await channel.DisposeAsync().ConfigureAwait(false));
    }
}
