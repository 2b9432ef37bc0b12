using Http.Server.State;

namespace Http.Server.Events;

/// <summary>How a channel of events treats those who listen to it.</summary>
public sealed record HttpEventChannelOptions
{
    /// <summary>
    /// After this time without an event listeners are sent a comment, so that proxies do not take the connection for a dead one,
    /// and a client that has vanished is noticed. Default 20 seconds: the quickest of proxies and routers wait for half a minute.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Events that are kept for listeners that come back and name the last one they have got (<c>Last-Event-ID</c>). Default
    /// 100; 0 keeps none. At most half of <see cref="MaxBacklogBytes"/> is kept.
    /// </summary>
    public int BufferSize { get; init; } = 100;

    /// <summary>
    /// Listeners that name no event begin with the newest one that is kept: for a channel whose events are states of something,
    /// of which each takes the place of the one before. Default false: they begin with the next one.
    /// </summary>
    public bool BeginsWithNewest { get; init; }

    /// <summary>
    /// Events by which a listener may be behind, beyond what the buffers of its connection hold. One that is further behind is
    /// disconnected, and may come back for what it has missed. Default 1,000, and never less than <see cref="BufferSize"/>.
    /// </summary>
    public int Backlog { get; init; } = 1_000;

    /// <summary>The same in bytes. Default 4 MiB. Listeners share the events: this is what a channel may take, not each of
    /// them.</summary>
    public long MaxBacklogBytes { get; init; } = 4L << 20;

    /// <summary>
    /// Carries events to the channels of this name in other processes, where <see cref="IHttpStateStore.IsShared"/>. Default
    /// null: events stay in this process. The store belongs to who made it.
    /// </summary>
    public IHttpStateStore? StateStore { get; init; }

    /// <summary>The clock of heartbeats; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws if a figure makes no sense, and names it.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Heartbeat, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Heartbeat, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfNegative(BufferSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(Backlog, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBacklogBytes, 1024);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
