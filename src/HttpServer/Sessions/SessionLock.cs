using System.Security.Cryptography;
using Http.Server.State;

namespace Http.Server.Sessions;

/// <summary>
/// A session that one request has, and no other one meanwhile: of this process, and where the store is shared, of any. The lock
/// is an entry of the store that expires, so that a process which ends holds nobody up for long.
/// </summary>
internal sealed class SessionLock : IAsyncDisposable
{
    /// <summary>
    /// How long the lock of a process outlasts it. While its request runs the lock is extended, each third of this time.
    /// </summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(9);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly IHttpStateStore _store;
    private readonly string _key;
    private readonly byte[] _owner;
    private ITimer? _renewal;

    private SessionLock(IHttpStateStore store, string key, byte[] owner) => (_store, _key, _owner) = (store, key, owner);

    private string LockKey => "session-lock:" + _key;

    /// <summary>Waits for a session.</summary>
    /// <param name="store">Where sessions are kept.</param>
    /// <param name="key">The session's name there.</param>
    /// <param name="patience">The longest wait.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="HttpStateStoreException">Another request has it for longer, or the store is away.</exception>
    public static async ValueTask<SessionLock> TakeAsync(
        IHttpStateStore store, string key, TimeSpan patience, TimeProvider time)
    {
        var (queue, since) = (SessionQueue.Of(store), time.GetTimestamp());
        if (!await queue.TryEnterAsync(key, patience, CancellationToken.None).ConfigureAwait(false))
            throw TooLong(patience);
        try
        {
            var taken = new SessionLock(store, key, store.IsShared ? RandomNumberGenerator.GetBytes(16) : []);
            if (store.IsShared)
                await taken.EnterAsync(patience - time.GetElapsedTime(since), patience, time).ConfigureAwait(false);
            return taken;
        }
        catch
        {
            queue.Leave(key);
            throw;
        }
    }

    /// <summary>Gives the session back.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_renewal is null)
                return;
            await _renewal.DisposeAsync().ConfigureAwait(false);
            await _store.TryReplaceAsync(LockKey, _owner, null).ConfigureAwait(false);
        }
        catch (HttpStateStoreException)
        {
            // It expires by itself.
        }
        finally
        {
            SessionQueue.Of(_store).Leave(_key);
        }
    }

    private static HttpStateStoreException TooLong(TimeSpan patience) => new(
        $"Another request has had the session for more than {patience.TotalSeconds:0.#} s. "
        + "A handler that takes long gives it back before, by $Session.Close() or EndSessionAsync.");

    private async ValueTask EnterAsync(TimeSpan rest, TimeSpan patience, TimeProvider time)
    {
        var (pause, since) = (ShortestPause, time.GetTimestamp());
        while (!await _store.TryReplaceAsync(LockKey, null, _owner, Lifetime).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(since) >= rest)
                throw TooLong(patience);
            // Others wait too: who asks at the same time as they do loses each time.
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time).ConfigureAwait(false);
            pause = pause < LongestPause ? 2 * pause : pause;
        }

        _renewal = time.CreateTimer(static own => _ = ((SessionLock)own!).RenewAsync(), this, Lifetime / 3, Lifetime / 3);
    }

    private async Task RenewAsync()
    {
        try
        {
            await _store.TryReplaceAsync(LockKey, _owner, _owner, Lifetime).ConfigureAwait(false);
        }
        catch (HttpStateStoreException)
        {
            // What was changed meanwhile by others is seen when the session is kept.
        }
    }
}
