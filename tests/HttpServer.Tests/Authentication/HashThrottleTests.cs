using System.Net;
using System.Net.Sockets;
using Http.Server.Authentication;

namespace Http.Server.Tests.Authentication;

/// <summary>Whose hash is derived when, by order and never by time.</summary>
public sealed class HashThrottleTests
{
    private static readonly ClientNetwork Guesser = Network("192.0.2.1");
    private static readonly ClientNetwork Other = Network("192.0.2.2");
    private static readonly ClientNetwork Third = Network("2001:db8::1");

    [Fact]
    public async Task A_client_elsewhere_waits_for_what_runs_and_not_for_what_waits()
    {
        var throttle = new HashThrottle(1, 100);
        var order = new List<string>();
        using var go = new ManualResetEventSlim();
        var running = Run(throttle, Guesser, () => go.Wait(TimeSpan.FromSeconds(30)));
        var guesses = Enumerable.Range(0, 64).Select(number => Run(throttle, Guesser, () => Add($"guess {number}"))).ToArray();
        var logins = new[] { Run(throttle, Other, () => Add("other")), Run(throttle, Third, () => Add("third")) };
        go.Set();
        await Task.WhenAll([running, .. guesses, .. logins]);
        Assert.Equal(["guess 0", "other", "third", "guess 1"], order[..4]);
        Assert.Equal(66, order.Count);

        bool Add(string what)
        {
            lock (order)
                order.Add(what);
            return true;
        }
    }

    [Fact]
    public async Task A_full_queue_refuses_its_own_network_alone()
    {
        var throttle = new HashThrottle(1, 2, 2);
        using var go = new ManualResetEventSlim();
        var running = Run(throttle, Guesser, () => go.Wait(TimeSpan.FromSeconds(30)));
        var waiting = new[] { Run(throttle, Guesser, Yes), Run(throttle, Guesser, Yes) };
        Assert.Null(await Run(throttle, Guesser, Yes));
        var other = Run(throttle, Other, Yes);
        // As many networks wait as may.
        Assert.Null(await Run(throttle, Third, Yes));
        go.Set();
        Assert.All(await Task.WhenAll([running, .. waiting, other]), static result => Assert.True(result));
        Assert.True(await Run(throttle, Third, Yes));

        static bool Yes() => true;
    }

    [Fact]
    public async Task Who_leaves_waits_no_longer_and_makes_room()
    {
        // Nothing is waited for before the gate opens: in a busy run that could take longer than the gate waits.
        static void Cancel(CancellationTokenSource source) => source.Cancel();

        var throttle = new HashThrottle(1, 2, 2);
        using var go = new ManualResetEventSlim();
        using var left = new CancellationTokenSource();
        var running = throttle.RunAsync(Guesser, () => go.Wait(TimeSpan.FromSeconds(30)), left.Token);
        var gone = new[] { throttle.RunAsync(Guesser, Fail, left.Token), throttle.RunAsync(Guesser, Fail, left.Token), throttle.RunAsync(Other, Fail, left.Token) };
        Cancel(left);
        var waiting = new[] { Run(throttle, Guesser, static () => true), Run(throttle, Guesser, static () => true) };
        Assert.Null(await Run(throttle, Guesser, static () => true));
        go.Set();
        Assert.All(await Task.WhenAll([running, .. waiting]), static result => Assert.True(result));
        // The queues of those who have gone keep nobody else out.
        Assert.True(await Run(throttle, Third, static () => true));
        foreach (var task in gone)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);

        static bool Fail() => throw new InvalidOperationException("It has left.");
    }

    [Fact]
    public async Task Work_that_throws_gives_its_place_back()
    {
        var throttle = new HashThrottle(1, 1);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => Run(throttle, Guesser, static () => throw new TimeZoneNotFoundException()));
        Assert.False(await Run(throttle, Guesser, static () => false));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("127.0.0.1", "::1", false)]
    [InlineData("::1", "0.0.0.1", false)]
    public void Networks_are_told_apart(string one, string other, bool areSame) => Assert.Equal(areSame, Network(one) == Network(other));

    [Fact]
    public void Unix_sockets_are_one_client() => Assert.Equal(default, ClientNetwork.Of(new UnixDomainSocketEndPoint("/tmp/x")));

    private static ClientNetwork Network(string address) => ClientNetwork.Of(new IPEndPoint(IPAddress.Parse(address), 1));

    private static Task<bool?> Run(HashThrottle throttle, ClientNetwork network, Func<bool> work) =>
        throttle.RunAsync(network, work, TestContext.Current.CancellationToken);
}
