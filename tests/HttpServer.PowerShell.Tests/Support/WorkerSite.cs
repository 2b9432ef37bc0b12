using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>Workers without a server around them.</summary>
internal sealed class WorkerSite : IAsyncDisposable
{
    public WorkerSite(int throttle = 1, int queueLimit = 1000, TimeSpan handlerTimeout = default, Func<WorkerSetup, WorkerSetup>? configure = null)
    {
        var setup = new WorkerSetup { Log = Log, Location = AppContext.BaseDirectory };
        Pool = new WorkerPool(configure?.Invoke(setup) ?? setup, throttle, queueLimit, handlerTimeout);
    }

    public ServerLog Log { get; } = new("test", null, isQuiet: false);

    public WorkerPool Pool { get; }

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it put out, as text.</returns>
    public async Task<string> RunAsync(string script)
    {
        var item = new ScriptItem(script);
        await Pool.RunAsync(item);
        return string.Join('\n', item.Output);
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.StopAsync(TimeSpan.FromSeconds(30));
        Log.Dispose();
    }
}
