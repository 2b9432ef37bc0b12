using System.Globalization;

namespace Http.Server.Benchmarks.Load;

/// <summary>What the published host has in memory at its start, after 200,000 answers of scriptblocks, and when that burst is over.</summary>
/// <param name="host">The host with its handlers.</param>
/// <param name="tree">What is served.</param>
internal sealed class HostMemoryScenario(ServerRecipe host, SampleTree tree)
{
    private const int Requests = 200_000;

    /// <summary>In this time the host has given back what it does not need any more.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(12);

    /// <exception cref="LoadException">The host does not start, or wrk failed.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var server = ServerProcess.Start(host, tree);
        var driver = new WrkDriver(64);
        var (start, answered) = (server.ResidentBytes, 0L);
        for (var turn = 0; answered < Requests; turn++)
        {
            stop.ThrowIfCancellationRequested();
            answered += (await driver.MeasureAsync(server.Url + (turn % 2 == 0 ? "/script" : "/scriptjson"), null, seconds: 2)).Requests;
        }

        var loaded = server.ResidentBytes;
        await Task.Delay(Rest, stop);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\nhostmemory: {MiB(start):F0} MiB at the start, {MiB(loaded):F0} MiB after {answered:N0} answers of scriptblocks, "
            + $"{MiB(server.ResidentBytes):F0} MiB {Rest.TotalSeconds} s later"));
    }

    private static double MiB(long bytes) => bytes / (1024.0 * 1024);
}
