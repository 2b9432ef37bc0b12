using System.Runtime.CompilerServices;
using Http.Server.PowerShell.Engine.Depth;

namespace Http.Server.PowerShell.Tests.Engine.Depth;

/// <summary>How deep a stack has been is seen from outside, and what was used is given back.</summary>
public sealed class ThreadStackTests
{
    [Fact]
    public async Task What_was_used_too_deep_is_seen_and_given_back()
    {
        var done = new TaskCompletionSource<bool[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadStack.StartThread(
            size =>
            {
                var stack = ThreadStack.OfThisThread(size);
                var seen = new List<bool> { stack.HasBeenDeep, stack.Level > 0, stack.IsDeep };
                var wasDeep = false;
                Use(size / 16, () => wasDeep = stack.IsDeep);
                seen.AddRange([wasDeep, stack.HasBeenDeep, stack.Level > 0, stack.IsDeep]);
                stack.Clear();
                seen.Add(stack.HasBeenDeep);
                done.SetResult([.. seen]);
            },
            "stack");
        var told = await done.Task;
        Assert.Equal([false, false, false, true, true, true, false, false], told);
    }

    [Fact]
    public async Task A_stack_that_is_nearly_full_is_known()
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadStack.StartThread(
            size =>
            {
                var stack = ThreadStack.OfThisThread(size);
                Use((size / 2) + (size / 16), () => done.SetResult(stack.IsNearlyFull));
            },
            "stack");
        Assert.True(await done.Task);
    }

    /// <summary>Calls an action where some bytes of the stack are in use.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(int bytes, Action action)
    {
        Span<byte> block = stackalloc byte[16 * 1024];
        block.Fill(1);
        if (bytes > block.Length)
            Use(bytes - block.Length, action);
        else
            action();
        GC.KeepAlive(block[^1]);
    }
}
