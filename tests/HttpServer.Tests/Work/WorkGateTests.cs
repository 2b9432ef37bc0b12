using Http.Server.Work;

namespace Http.Server.Tests.Work;

public sealed class WorkGateTests
{
    [Fact]
    public async Task Who_finds_no_place_waits_and_who_finds_no_room_to_wait_is_refused()
    {
        var gate = new WorkGate(1, 1);
        Assert.True(gate.TryEnter());
        Assert.False(gate.TryEnter());
        var waiting = gate.EnterAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.False(await gate.EnterAsync(CancellationToken.None));
        gate.Leave();
        Assert.True(await waiting);
        Assert.Equal((1, 0), (gate.Inside, gate.Free));
        gate.Leave();
        Assert.Equal((0, 1), (gate.Inside, gate.Free));
    }

    [Fact]
    public async Task Who_leaves_while_waiting_takes_no_place()
    {
        var gate = new WorkGate(1, 1);
        Assert.True(gate.TryEnter());
        using var left = new CancellationTokenSource();
        var waiting = gate.EnterAsync(left.Token).AsTask();
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(1, gate.Inside);
        gate.Leave();
        Assert.True(gate.TryEnter());
    }

    [Theory]
    [InlineData(64, 32, 8, 16)]
    [InlineData(16 * 1024, 64, 64, 256)]
    [InlineData(0, 4, 4, 16)]
    public void Places_depend_on_the_memory_that_there_is(long mebibytes, int archives, int encoders, long listed)
    {
        var limits = WorkLimits.Of(mebibytes * 1024 * 1024);
        Assert.Equal((archives, encoders), (limits.Archives.Free, limits.Encoders.Free));
        Assert.True(limits.Listed.TryTake(listed * 1024 * 1024));
        Assert.False(limits.Listed.TryTake(1));
        limits.Listed.GiveBack(1);
        Assert.True(limits.Listed.TryTake(1));
    }
}
