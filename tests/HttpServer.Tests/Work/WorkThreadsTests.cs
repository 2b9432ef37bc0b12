using Http.Server.Work;

namespace Http.Server.Tests.Work;

public sealed class WorkThreadsTests
{
    [Fact]
    public async Task Work_is_done_at_threads_of_its_own_and_who_waits_for_it_goes_on_elsewhere()
    {
        var threads = new WorkThreads(1);
        Assert.False(WorkThreads.IsCurrent);
        Assert.True(await threads.RunAsync(static () => WorkThreads.IsCurrent && !Thread.CurrentThread.IsThreadPoolThread));
        Assert.False(WorkThreads.IsCurrent);
    }

    [Fact]
    public async Task No_more_is_done_at_once_than_there_are_threads()
    {
        var threads = new WorkThreads(2);
        using var both = new Barrier(2);
        var (running, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => threads.RunAsync(() =>
        {
            var now = Interlocked.Increment(ref running);
            lock (both)
                most = Math.Max(most, now);
            // Ten pairs: each ends only if two are there at once.
            Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30)));
            Interlocked.Decrement(ref running);
            return 0;
        })));
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task A_fault_is_told_to_who_waits_and_the_thread_goes_on()
    {
        var threads = new WorkThreads(1);
        await Assert.ThrowsAsync<InvalidDataException>(() => threads.RunAsync<int>(static () => throw new InvalidDataException()));
        Assert.Equal(5, await threads.RunAsync(static () => 5));
    }
}
