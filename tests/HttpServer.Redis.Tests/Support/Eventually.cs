using System.Diagnostics;

namespace Http.Server.Redis.Tests.Support;

/// <summary>Waits for what comes by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks again until it holds; what throws because the store is away does not hold yet.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            try
            {
                if (await condition())
                    return;
            }
            catch (HttpStateStoreException)
            {
                // Away.
            }

            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"It never came that {what}.");
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(() => Task.FromResult(condition()), what);
}
