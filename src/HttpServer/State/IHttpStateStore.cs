using System.Text;

namespace Http.Server.State;

/// <summary>
/// Where a server keeps what is to outlast a request: values by name, counters, and messages from one part of a program to
/// others.
/// <see cref="MemoryStateStore"/> keeps it in the process; a store that replicas share keeps it for all of them. Its members
/// may be called from any thread, and each takes effect as a whole.
/// </summary>
/// <remarks>
/// Every member throws <see cref="HttpStateStoreException"/> where the store is away or full, and waits for a bounded time until
/// then. Names are texts that are not empty; who keeps things of a kind begins their names with it, <c>session:</c> say.
/// </remarks>
public interface IHttpStateStore : IAsyncDisposable
{
    /// <summary>Whether other processes see what is kept here.</summary>
    bool IsShared { get; }

    /// <summary>Reads a value.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The bytes, which are the caller's; null if there are none, or no more.</returns>
    ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Keeps a value, in place of one that is there, whose expiry is forgotten too.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">The bytes; they are copied.</param>
    /// <param name="expiry">The time for which it is kept, a millisecond at least; null to keep it until it is removed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">The expiry is less than a millisecond.</exception>
    ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan? expiry = null, CancellationToken cancellationToken = default);

    /// <summary>Keeps a value for a time from now on, which takes the place of the time that it had.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="expiry">The time, a millisecond at least.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if there is no such value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The expiry is less than a millisecond.</exception>
    ValueTask<bool> ExtendAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default);

    /// <summary>Adds to a counter, which begins at 0; its value is its decimal text. No two callers get the same sum.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="by">What is added; negative to subtract.</param>
    /// <param name="expiry">
    /// The time for which a counter that begins is kept, a millisecond at least; one that is there keeps its own. With this a
    /// sum of 1 tells that nobody else was here in that time.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The sum.</returns>
    /// <exception cref="InvalidOperationException">The value is no whole number of 64 bits, or would be none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The expiry is less than a millisecond.</exception>
    ValueTask<long> IncrementAsync(
        string key, long by = 1, TimeSpan? expiry = null, CancellationToken cancellationToken = default);

    /// <summary>Removes a value.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if there was none.</returns>
    ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Keeps or removes a value if there still is what the caller knows of, in one step: of several that try, one does it.
    /// </summary>
    /// <param name="key">Its name.</param>
    /// <param name="expected">The bytes that are to be there now; null for none.</param>
    /// <param name="value">The bytes that take their place, which are copied; null to remove what is there.</param>
    /// <param name="expiry">The time for which they are kept, a millisecond at least; null to keep them until they are
    /// removed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if there was something else, or nothing; nothing has changed then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The expiry is less than a millisecond.</exception>
    ValueTask<bool> TryReplaceAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value,
        TimeSpan? expiry = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a token of a bucket, which holds a number of them at first and gets them back evenly: what
    /// <see cref="RateLimit"/> describes.
    /// </summary>
    /// <param name="key">Its name. It is kept until it is full again.</param>
    /// <param name="count">Tokens in a full bucket, 1 to 1,000,000.</param>
    /// <param name="period">The time in which an empty bucket fills, a second at least.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Zero; or, where there is none, the time until there will be one.</returns>
    ValueTask<TimeSpan> TakeTokenAsync(
        string key, int count, TimeSpan period, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends a message to all who have subscribed to a channel now, in whatever process; it is kept for nobody.
    /// </summary>
    /// <param name="channel">The channel's name.</param>
    /// <param name="message">The message; it is copied.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask PublishAsync(string channel, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Has messages of a channel delivered from when this has completed. Messages that are published while a shared store is away
    /// are lost; afterwards the subscription goes on by itself.
    /// </summary>
    /// <param name="channel">The channel's name.</param>
    /// <param name="receive">
    /// Called with one message after the other, in the order in which they were sent, on a thread of the pool. It may take its
    /// time: up to <see cref="HttpStateSubscription.Capacity"/> messages wait for it, and further ones are lost. An exception
    /// of it loses the message that it was given.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What ends the subscription when it is disposed of.</returns>
    ValueTask<HttpStateSubscription> SubscribeAsync(
        string channel, Func<ReadOnlyMemory<byte>, ValueTask> receive, CancellationToken cancellationToken = default);

    /// <summary>Reads a value as UTF-8.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The text; null if there is none, or no more.</returns>
    async ValueTask<string?> GetTextAsync(string key, CancellationToken cancellationToken = default) =>
        await GetAsync(key, cancellationToken).ConfigureAwait(false) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>Keeps a text as UTF-8; otherwise as the method for bytes.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">The text.</param>
    /// <param name="expiry">The time for which it is kept, a millisecond at least; null to keep it until it is removed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">The expiry is less than a millisecond.</exception>
    ValueTask SetAsync(string key, string value, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
        SetAsync(key, Encoding.UTF8.GetBytes(value), expiry, cancellationToken);

    /// <summary>Sends a text as UTF-8; otherwise as the method for bytes.</summary>
    /// <param name="channel">The channel's name.</param>
    /// <param name="message">The text.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask PublishAsync(string channel, string message, CancellationToken cancellationToken = default) =>
        PublishAsync(channel, Encoding.UTF8.GetBytes(message), cancellationToken);
}
