using Http.Server.Events;

namespace Http.Server.Tests.Support;

/// <summary>What tests ask channels.</summary>
internal static class EventChannels
{
    /// <summary>Waits until so many listen.</summary>
    public static async Task WaitForListenersAsync(this HttpEventChannel channel, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (channel.ListenerCount != count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
