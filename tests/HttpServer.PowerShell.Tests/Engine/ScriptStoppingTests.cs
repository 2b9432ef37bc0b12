using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine;

/// <summary>A stop ends a script and nothing else, whatever the engine throws meanwhile.</summary>
public sealed class ScriptStoppingTests
{
    /// <summary>The engine disposes of what a pipeline is stopped by when it ends, and does not look whether it is being stopped.</summary>
    [EngineTheory]
    [InlineData("1")]
    [InlineData("foreach ($n in 1..5) { 1 | ForEach-Object { $_ } }")]
    [InlineData("function f($n) { if ($n) { f ($n - 1) } }; f 5")]
    [InlineData("foreach ($n in 1..5) { try { Get-Item nothing-there -ErrorAction Stop } catch { } }")]
    public async Task A_script_may_end_at_the_moment_it_is_stopped(string script)
    {
        const int Rounds = 150;
        await using var site = new WorkerSite(throttle: 2);
        var handler = ScriptItem.ScriptOf(script);
        for (var round = 0; round < Rounds; round++)
        {
            var item = new ScriptItem(handler);
            var running = site.Pool.RunAsync(item).AsTask();
            Thread.SpinWait(round * 200);
            site.Pool.Stop(item, StopReason.Timeout);
            try
            {
                await running;
            }
            catch (RequestFaultException fault)
            {
                Assert.Equal(504, fault.Status);
            }
        }

        Assert.Equal("1", await site.RunAsync("1"));
    }
}
