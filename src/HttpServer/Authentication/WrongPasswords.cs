using System.Runtime.InteropServices;
using System.Text;
using Http.Server.Resources;

namespace Http.Server.Authentication;

/// <summary>
/// Slows guesses down. Who has given a wrong password for a user several times waits before another one is looked at, each time
/// twice as long, up to <see cref="MaxWait"/>. It counts for a user and the network that asks, so a user is never locked out
/// by others. Guesses of users that do not exist count like all others, and tell nothing.
/// </summary>
internal sealed class WrongPasswords
{
    /// <summary>Wrong passwords that cost no waiting: people mistype.</summary>
    public const int Free = 3;

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);

    /// <summary>In milliseconds.</summary>
    private const long FirstWait = 1000;

    /// <summary>After this time without a wrong password the earlier ones are forgotten.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(15);

    private readonly ExpiringTable<Guesses> _guesses = new();
    private readonly KeyedDigest _digest = new();

    /// <summary>How long a client has to wait before a password is looked at.</summary>
    /// <param name="network">The client.</param>
    /// <param name="user">The user whose password it would give.</param>
    /// <param name="now">Milliseconds of a clock that never goes back.</param>
    public TimeSpan FindWait(ClientNetwork network, string user, long now) => TimeSpan.FromMilliseconds(_guesses.Use(
        KeyOf(network, user), now, now, static (ref Guesses guesses, long now, out long wait) =>
        {
            wait = Math.Max(guesses.NextAt - now, 0);
            return guesses.Until;
        }));

    /// <summary>Counts a wrong password.</summary>
    /// <inheritdoc cref="FindWait"/>
    /// <returns>How long the next one has to wait.</returns>
    public TimeSpan Add(ClientNetwork network, string user, long now) => TimeSpan.FromMilliseconds(_guesses.Use(
        KeyOf(network, user), now, now, static (ref Guesses guesses, long now, out long wait) =>
        {
            var count = Math.Min(guesses.Count + 1, Free + 32);
            wait = count <= Free ? 0 : Math.Min(FirstWait << (count - Free - 1), (long)MaxWait.TotalMilliseconds);
            guesses = new(count, now + wait, now + (long)Memory.TotalMilliseconds);
            return guesses.Until;
        }));

    /// <summary>Forgets the wrong passwords before a right one.</summary>
    /// <inheritdoc cref="FindWait"/>
    public void Forget(ClientNetwork network, string user, long now) =>
        _guesses.Use(KeyOf(network, user), now, now, static (ref Guesses _, long now, out long result) =>
        {
            result = 0;
            return now;
        });

    private UInt128 KeyOf(ClientNetwork network, string user)
    {
        var bytes = Encoding.UTF8.GetBytes(user);
        var text = new byte[16 + bytes.Length];
        MemoryMarshal.Write(text, network.Value);
        bytes.CopyTo(text, 16);
        return _digest.Of(text);
    }

    private readonly record struct Guesses(int Count, long NextAt, long Until);
}
