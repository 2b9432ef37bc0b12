using System.Diagnostics;

namespace Http.Server.Benchmarks.Load;

/// <summary>
/// How long the published host takes from the start of its process to the first answer of a scriptblock, beside what a PowerShell takes to start and
/// end, in turn; less is better.
/// </summary>
/// <param name="host">The published program.</param>
/// <param name="shell">The PowerShell to compare with; null if there is none.</param>
/// <param name="tree">What is served.</param>
internal sealed class HostStartScenario(string host, string? shell, SampleTree tree)
{
    private const int Runs = 9;
    private const string HostName = "httpserver-host";
    private const string ShellName = "pwsh";

    /// <summary>The handler is there before the port opens: so the first answer is its.</summary>
    private const string Script = """
        param([int] $Port, [string] $Root)
        Register-HttpHandler GET /small.txt { 'hello' }
        Start-HttpServer -Port $Port -Bind 127.0.0.1 -Directory $Root -Quiet
        """;

    public async Task RunAsync(CancellationToken stop)
    {
        var script = Path.Combine(Path.GetTempPath(), $"hoststart-{Environment.ProcessId}.ps1");
        await File.WriteAllTextAsync(script, Script, stop);
        try
        {
            var recipe = new ServerRecipe(HostName, (port, site) =>
                $"exec {Programs.Quote(host)} {Programs.Quote(script)} -Port {port} -Root {Programs.Quote(site.Root)}");
            var table = new ResultTable(shell is null ? [HostName] : [HostName, ShellName]);
            // The first start reads the programs from the disk; later ones find them in memory.
            MeasureHost(recipe);
            if (shell is not null)
                await MeasureShellAsync(shell, stop);
            for (var run = 0; run < Runs; run++)
            {
                var figures = new Dictionary<string, double>();
                if (shell is not null)
                    figures[ShellName] = await MeasureShellAsync(shell, stop);
                figures[HostName] = MeasureHost(recipe);
                table.Add(ScenarioTable.HostStart, "ms", figures);
            }

            table.Print(Console.Out);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private double MeasureHost(ServerRecipe recipe)
    {
        using var server = ServerProcess.Start(recipe, tree);
        return server.StartTime.TotalMilliseconds;
    }

    private static async Task<double> MeasureShellAsync(string shell, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec {shell} -NoProfile -Command exit >/dev/null 2>&1"]))!;
        await process.WaitForExitAsync(stop);
        return watch.Elapsed.TotalMilliseconds;
    }
}
