namespace Http.Server.Benchmarks.Load;

/// <summary>What logging each request to a file costs: our server with such a log beside our server without.</summary>
internal sealed class LogScenario(ServerRecipe quiet, SampleTree tree)
{
    private static readonly Scenario Load = ScenarioTable.Small;

    /// <exception cref="LoadException">A server does not start or answer, or writes no log.</exception>
    public async Task RunAsync(LoadSettings settings, CancellationToken stop)
    {
        var file = Path.Combine(tree.Scratch, "access.log");
        var recipe = ServerTable.Logging(quiet, file);
        var table = new ResultTable([recipe.Name, quiet.Name]);
        using (var logging = ServerProcess.Start(recipe, tree))
        using (var silent = ServerProcess.Start(quiet, tree))
        {
            ServerProcess[] servers = [logging, silent];
            foreach (var server in servers)
                await MeasureAsync(server, seconds: 1);
            for (var round = 0; round < settings.Rounds; round++)
            {
                var figures = new Dictionary<string, double>();
                foreach (var server in round % 2 == 0 ? servers : servers.Reverse())
                {
                    stop.ThrowIfCancellationRequested();
                    figures[server.Name] = await MeasureAsync(server, settings.Seconds);
                }

                table.Add(ScenarioTable.Log, Load.Driver.Unit, figures);
            }
        }

        var lines = File.Exists(file) ? File.ReadLines(file).LongCount() : 0;
        if (lines < 1000)
            throw new LoadException($"The log has {lines} lines: the figures say nothing about logging.");
        table.Print(Console.Out);
    }

    private static async Task<double> MeasureAsync(ServerProcess server, int seconds)
    {
        await Load.CheckAsync(server);
        return (await Load.Driver.MeasureAsync(server.Url + Load.Path, Load.Header, seconds)).Value;
    }
}
