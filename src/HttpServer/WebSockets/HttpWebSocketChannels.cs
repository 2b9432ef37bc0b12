using System.Text;
using Http.Server.State;

namespace Http.Server.WebSockets;

/// <summary>
/// Channels, or rooms, of WebSockets: what is sent to one reaches all who are in it, in one order. A channel begins with the
/// first who joins it and ends with the last who leaves; who ends leaves all. Upper and lower case of names are one.
/// </summary>
public sealed class HttpWebSocketChannels : IAsyncDisposable
{
    /// <summary>What names of channels begin with in a store.</summary>
    private const string StorePrefix = "websockets:";

    /// <summary>Longest name. Names often have something of a client in them.</summary>
    private const int MaxNameLength = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ChannelMembers> _channels = new(StringComparer.OrdinalIgnoreCase);
    private readonly IHttpStateStore? _store;

    /// <summary>Makes a set of channels, all empty.</summary>
    /// <param name="stateStore">
    /// Carries messages to the channels of these names in other processes, where <see cref="IHttpStateStore.IsShared"/>. Null:
    /// messages stay here. The store belongs to who made it.
    /// </param>
    public HttpWebSocketChannels(IHttpStateStore? stateStore = null) =>
        _store = stateStore is { IsShared: true } ? stateStore : null;

    /// <summary>The channels that somebody of this process is in.</summary>
    public IReadOnlyList<string> GetNames()
    {
        lock (_lock)
            return [.. _channels.Values.Select(static channel => channel.Name)];
    }

    /// <summary>How many of this process are in a channel.</summary>
    /// <param name="channel">Its name.</param>
    public int CountMembers(string channel) => Find(channel)?.Count ?? 0;

    /// <summary>Has a WebSocket join a channel: what is sent from when this has completed reaches it.</summary>
    /// <param name="socket">The WebSocket.</param>
    /// <param name="channel">The channel's name: 1 to 200 characters.</param>
    /// <param name="cancellationToken">Ends the waiting for a shared store.</param>
    /// <returns>False if the WebSocket has ended.</returns>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">It is in <see cref="HttpWebSocketOptions.MaxChannels"/> channels.</exception>
    /// <exception cref="HttpStateStoreException">The shared store cannot be reached: it has not joined.</exception>
    public async ValueTask<bool> JoinAsync(
        HttpWebSocket socket, string channel, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        CheckName(channel);
        var members = Add(socket, channel, out var isNew);
        try
        {
            if (isNew && !socket.TryEnter(this, members.Name))
            {
                Remove(socket, members);
                return false;
            }

            if (_store is not null)
                await members.OpenAsync(_store, KeyOf(channel), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch
        {
            if (isNew)
                Leave(socket, channel);
            throw;
        }
    }

    /// <summary>Has a WebSocket leave a channel.</summary>
    /// <param name="socket">The WebSocket.</param>
    /// <param name="channel">The channel's name.</param>
    /// <returns>False if it was not in it.</returns>
    public bool Leave(HttpWebSocket socket, string channel)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (Find(channel) is not { } members)
            return false;
        socket.Exit(this, members.Name);
        return Remove(socket, members);
    }

    /// <summary>Sends a text to all who are in a channel. It is not waited for until they have got it.</summary>
    /// <param name="channel">The channel's name. Nobody needs to be in it.</param>
    /// <param name="text">The text.</param>
    /// <param name="exceptId">The <see cref="HttpWebSocket.Id"/> of one that does not get it; null for all.</param>
    /// <param name="cancellationToken">Ends the waiting for a shared store.</param>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="HttpStateStoreException">The shared store cannot be reached: nobody has got it.</exception>
    public ValueTask SendAsync(
        string channel, string text, string? exceptId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SendAsync(channel, new OutgoingMessage(Encoding.UTF8.GetBytes(text), IsText: true), exceptId, cancellationToken);
    }

    /// <summary>Sends bytes, which are copied, to all who are in a channel.</summary>
    /// <inheritdoc cref="SendAsync(string, string, string?, CancellationToken)"/>
    public ValueTask SendAsync(
        string channel, ReadOnlyMemory<byte> bytes, string? exceptId = null, CancellationToken cancellationToken = default) =>
        SendAsync(channel, new OutgoingMessage(bytes.ToArray(), IsText: false), exceptId, cancellationToken);

    /// <summary>Has all leave all channels.</summary>
    public async ValueTask DisposeAsync()
    {
        ChannelMembers[] all;
        lock (_lock)
            all = [.. _channels.Values];
        foreach (var members in all)
        {
            foreach (var socket in members.All())
                Leave(socket, members.Name);
            await members.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void CheckName(string channel, string? exceptId = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        if (channel.Length > MaxNameLength)
            throw new ArgumentException($"The name of a channel has {MaxNameLength} characters at most.", nameof(channel));
        if (exceptId?.Length > MaxNameLength)
            throw new ArgumentException($"'{exceptId[..20]}...' is no id of a WebSocket.", nameof(exceptId));
    }

    /// <summary>In other processes the name may be written otherwise.</summary>
    private static string KeyOf(string channel) => StorePrefix + channel.ToUpperInvariant();

    private async ValueTask SendAsync(
        string channel, OutgoingMessage message, string? exceptId, CancellationToken cancellationToken)
    {
        CheckName(channel, exceptId);
        // What goes by a store comes back to this process as to all others, so that all have one order.
        if (_store is not null)
            await _store.PublishAsync(KeyOf(channel), ChannelMessage.Write(message, exceptId), cancellationToken)
                .ConfigureAwait(false);
        else
            Find(channel)?.Tell(message, exceptId);
    }

    private ChannelMembers? Find(string channel)
    {
        lock (_lock)
            return _channels.GetValueOrDefault(channel);
    }

    private ChannelMembers Add(HttpWebSocket socket, string channel, out bool isNew)
    {
        lock (_lock)
        {
            if (_channels.TryGetValue(channel, out var known) && known.TryAdd(socket, out isNew))
                return known;
            var made = new ChannelMembers(channel);
            made.TryAdd(socket, out isNew);
            return _channels[channel] = made;
        }
    }

    private bool Remove(HttpWebSocket socket, ChannelMembers members)
    {
        lock (_lock)
        {
            if (!members.Remove(socket, out var wasLast))
                return false;
            if (wasLast && _channels.GetValueOrDefault(members.Name) == members)
                _channels.Remove(members.Name);
            if (wasLast && _store is not null)
                _ = members.DisposeAsync().AsTask();
            return true;
        }
    }
}
