using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Http.Server.State;
using Http.Server.Transport;

namespace Http.Server.Events;

/// <summary>
/// A channel of server-sent events (WHATWG HTML, section 9.2): what is sent to it reaches all who listen, in one order. A
/// listener takes no thread: <c>BaseHttpRequestHandler.SendEvents</c> has a request listen until its client leaves, the channel
/// ends or the server does.
/// </summary>
public sealed class HttpEventChannel : IAsyncDisposable
{
    /// <summary>What names of channels begin with in a store.</summary>
    private const string StorePrefix = "events:";

    private const int MaxRetry = 5000;

    /// <summary>
    /// Clients of a server that ends come back after this time, in milliseconds, each at another moment of it: all at once they
    /// would be a burden for who takes them.
    /// </summary>
    private const int MinRetry = 1000;

    private readonly HttpEventChannelOptions _options;
    private readonly IHttpStateStore? _store;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _subscribing = new(1, 1);
    private readonly ListenerGroup[] _groups;
    private readonly EventReplay _replay;
    private readonly string _source;
    private readonly ITimer _heartbeat;
    private ChannelEvent _newest = ChannelEvent.Begin();
    private volatile HttpStateSubscription? _subscription;
    private long _count;
    private long _sentAtBeat;
    private int _nextGroup;
    private volatile bool _isComplete;
    private volatile bool _isDisposed;

    /// <summary>Makes a channel without listeners.</summary>
    /// <param name="name">Its name, for the log and for other processes.</param>
    /// <param name="options">How it treats listeners; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A figure of the options makes no sense.</exception>
    public HttpEventChannel(string name, HttpEventChannelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        _options = options ?? new HttpEventChannelOptions();
        _options.Validate();
        _store = _options.StateStore is { IsShared: true } store ? store : null;
        _replay = new EventReplay(_options.BufferSize, _options.MaxBacklogBytes / 2);
        // Unique for each channel of each process, whenever it began; a clock that is set back changes nothing.
        _source = string.Create(CultureInfo.InvariantCulture,
            $"{_options.TimeProvider.GetUtcNow().ToUnixTimeSeconds():x}{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
        _groups = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 16)).Select(static _ => new ListenerGroup())];
        _heartbeat = _options.TimeProvider.CreateTimer(
            static channel => ((HttpEventChannel)channel!).Beat(), this, _options.Heartbeat, _options.Heartbeat);
    }

    /// <summary>The channel's name.</summary>
    public string Name { get; }

    /// <summary>Those who listen now, in this process.</summary>
    public int ListenerCount => _groups.Sum(static group => group.Count);

    /// <summary>Sends an event to all who listen. It is not waited for until they have got it.</summary>
    /// <param name="data">The event: text of any number of lines. Browsers see all line ends as line feeds.</param>
    /// <param name="name">The event's name, <c>message</c> for browsers if it is null.</param>
    /// <param name="id">
    /// What a listener that comes back names as the last it has got: up to 200 visible characters of ASCII that no other event of
    /// the channel has. Null to have one made: a text that names the channel's process and counts.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting for a shared store.</param>
    /// <returns>The event's id.</returns>
    /// <remarks>
    /// Events of one caller are delivered in the order in which they are sent. With a shared store, all processes have the
    /// events in the order in which it passes them on. Ids are compared for being the same, never for an order.
    /// </remarks>
    /// <exception cref="ArgumentException">The name or the id cannot be sent.</exception>
    /// <exception cref="HttpStateStoreException">
    /// The shared store cannot be reached, or has not answered in time: nobody has got the event yet, and mostly nobody will.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The channel has ended.</exception>
    public async ValueTask<string> SendAsync(
        string data, string? name = null, string? id = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ObjectDisposedException.ThrowIf(_isDisposed || _isComplete, this);
        id ??= string.Create(CultureInfo.InvariantCulture, $"{_source}-{Interlocked.Increment(ref _count)}");
        var text = EventText.Write(data, name, id);
        if (_store is null)
        {
            Publish(ChannelEvent.Of(id, text));
            return id;
        }

        // The event comes back to this process as to all others, so that all have one order.
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        await _store.PublishAsync(StorePrefix + Name, text, cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>
    /// Begins to take what other processes send, where there is a shared store. The first event and the first listener do it by
    /// themselves; to call it before has the channel keep events for listeners that come over from another process.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting for the store.</param>
    /// <exception cref="HttpStateStoreException">The store cannot be reached.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellationToken = default)
    {
        if (_store is null || _subscription is not null)
            return;
        await _subscribing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _subscription ??= await _store.SubscribeAsync(StorePrefix + Name, Receive, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _subscribing.Release();
        }
    }

    /// <summary>
    /// Nothing more will be sent: the answers of those who listen, and of those who come from now on, end when they have got what
    /// was sent. Elsewhere a channel of the same name goes on.
    /// </summary>
    public async ValueTask CompleteAsync()
    {
        _isComplete = true;
        await _heartbeat.DisposeAsync().ConfigureAwait(false);
        foreach (var listener in _groups.SelectMany(static group => group.All()))
            listener.Finish();
    }

    /// <summary>Ends the channel: those who listen are told to come back, and their answers end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await _heartbeat.DisposeAsync().ConfigureAwait(false);
        foreach (var listener in _groups.SelectMany(static group => group.All()))
            listener.End();
        await _subscribing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_subscription is { } subscription)
                await subscription.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _subscribing.Release();
        }
    }

    /// <summary>Has a request listen whose answer's head has been made already; ends when it does not any more.</summary>
    /// <param name="context">The request.</param>
    /// <param name="lastId">The last event that its client has got; null to begin with the next one.</param>
    internal async ValueTask ListenAsync(IHandlerContext context, string? lastId)
    {
        await OpenAsync().ConfigureAwait(false);
        var connection = context.Connection;
        var listener = new ChannelListener(context, _options, Name);
        // The head waits in its buffer until the listener has its place: who sees the head misses nothing from then on.
        var group = Join(listener, lastId);
        try
        {
            await connection.Output.FlushAsync().ConfigureAwait(false);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.BeginWaiting());
            using var ending = end.Token.UnsafeRegister(static listener => ((ChannelListener)listener!).End(), listener);
            var departure = context.WaitForDepartureAsync(end.Token);
            if (_isDisposed)
                listener.End();
            if (_isComplete)
                listener.Finish();
            listener.Begin();
            var hasLeft = await Task.WhenAny(departure, listener.Ended).ConfigureAwait(false) == departure
                && await departure.ConfigureAwait(false);
            if (hasLeft)
                listener.End();
            try
            {
                await listener.Ended.ConfigureAwait(false);
            }
            finally
            {
                await end.CancelAsync().ConfigureAwait(false);
                // The request must not end before this task has.
                await departure.ConfigureAwait(false);
            }

            if (!hasLeft)
                await SayGoodbyeAsync(connection).ConfigureAwait(false);
        }
        finally
        {
            group.Remove(listener);
        }
    }

    private static async ValueTask SayGoodbyeAsync(Connection connection)
    {
        var retry = string.Create(CultureInfo.InvariantCulture, $"retry: {Random.Shared.Next(MinRetry, MaxRetry)}\n\n");
        await connection.Response.WriteAsync(Encoding.ASCII.GetBytes(retry)).ConfigureAwait(false);
    }

    private ListenerGroup Join(ChannelListener listener, string? lastId)
    {
        lock (_lock)
        {
            listener.StandAt(lastId is not null ? _replay.Find(lastId, _newest)
                : _options.BeginsWithNewest ? _replay.FindLast(_newest) : _newest);
            var group = _groups[_nextGroup = (_nextGroup + 1) % _groups.Length];
            group.Add(listener);
            return group;
        }
    }

    private ValueTask Receive(ReadOnlyMemory<byte> message)
    {
        if (EventText.FindId(message.Span) is { } id)
            Publish(ChannelEvent.Of(id, message.Span));
        return default;
    }

    private void Publish(ChannelEvent added)
    {
        lock (_lock)
        {
            var before = _newest;
            before.Follow(added);
            _newest = added;
            if (added.Id is not null)
                _replay.Add(before, added);
            // Within the lock, so that the groups' newest is the newest.
            foreach (var group in _groups)
                group.Tell(added);
        }
    }

    private void Beat()
    {
        if (_isDisposed)
            return;
        bool isQuiet;
        lock (_lock)
        {
            isQuiet = _newest.Number == _sentAtBeat;
            _sentAtBeat = _newest.Number;
        }

        if (isQuiet && ListenerCount > 0)
            Publish(ChannelEvent.Of(null, ":\n\n"u8));
    }
}
