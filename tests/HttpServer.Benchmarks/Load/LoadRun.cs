using System.Globalization;

namespace Http.Server.Benchmarks.Load;

/// <summary>One run of the load program, from the tree to the tables.</summary>
internal sealed class LoadRun(LoadSettings settings, CancellationToken stop)
{
    /// <exception cref="LoadException">Our server cannot be measured.</exception>
    public async Task RunAsync()
    {
        var ours = ServerTable.Ours(settings);
        var peers = new List<ServerRecipe>();
        foreach (var name in settings.Peers)
        {
            if (await ServerTable.FindPeerAsync(name) is { } peer)
                peers.Add(peer);
        }

        using var tree = new SampleTree();
        await CompareAsync([ours, .. peers.Where(static peer => !peer.RunsScripts)], tree);
        if (ScenarioTable.Compared.Any(scenario => scenario.IsSecure && settings.Scenarios.Contains(scenario.Name)))
            await CompareAsync([.. new[] { ours }.Concat(peers).Select(ServerTable.Secure).OfType<ServerRecipe>()], tree);
        if (ScenarioTable.Compared.Any(scenario => scenario.NeedsScripts && settings.Scenarios.Contains(scenario.Name)))
        {
            ServerRecipe?[] scripted = [ServerTable.Host(settings), ServerTable.Module(), .. peers.Where(static peer => peer.RunsScripts)];
            await CompareAsync([.. scripted.OfType<ServerRecipe>()], tree);
        }

        if (settings.Scenarios.Contains(ScenarioTable.Startup))
            new StartupScenario(ServerTable.WithoutPrograms(ours), peers.Find(peer => peer.Name == "python"), tree).Run(stop);
        if (settings.Scenarios.Contains(ScenarioTable.HostStart))
            await MeasureHostStartAsync(tree);
        if (settings.Scenarios.Contains(ScenarioTable.HostMemory) && IsDriverThere(ScenarioTable.HostMemory, ScenarioTable.Small.Driver))
            await MeasureHostMemoryAsync(tree);
        if (settings.Scenarios.Contains(ScenarioTable.Log) && IsDriverThere(ScenarioTable.Log, ScenarioTable.Small.Driver))
            await new LogScenario(ours, tree).RunAsync(settings, stop);
        if (settings.Scenarios.Contains(ScenarioTable.Idle))
            await new IdleScenario(ours, tree).RunAsync(stop);
        if (settings.Scenarios.Contains(ScenarioTable.Mixed))
            await new MixedScenario(ServerTable.WithArchives(ours), peers.Find(static peer => peer.Name == "nginx"), tree).RunAsync(settings.Seconds, stop);
        if (ServerTable.SizeOnDisk(settings) is { } size)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\non disk: {size:N0} bytes, {size / (1024.0 * 1024):F1} MiB"));
    }

    private async Task MeasureHostStartAsync(SampleTree tree)
    {
        if (settings.Host is not { } host)
        {
            Console.WriteLine("hoststart: left out, for no published host is named with --host.");
            return;
        }

        var shell = settings.PowerShell ?? Programs.Find("pwsh");
        if (shell is null)
            Console.WriteLine("hoststart: pwsh is not installed, so there is nothing to compare with.");
        await new HostStartScenario(Path.GetFullPath(host), shell, tree).RunAsync(stop);
    }

    private async Task MeasureHostMemoryAsync(SampleTree tree)
    {
        if (ServerTable.Host(settings) is { } host)
            await new HostMemoryScenario(host, tree).RunAsync(stop);
        else
            Console.WriteLine("hostmemory: left out, for no published host is named with --host.");
    }

    private async Task CompareAsync(IReadOnlyList<ServerRecipe> recipes, SampleTree tree)
    {
        Scenario[] scenarios =
        [
            .. ScenarioTable.Compared.Where(scenario => settings.Scenarios.Contains(scenario.Name) && IsDriverThere(scenario.Name, scenario.Driver)),
        ];
        recipes = [.. recipes.Where(recipe => scenarios.Any(recipe.Takes))];
        scenarios = [.. scenarios.Where(scenario => recipes.Any(recipe => recipe.Takes(scenario)))];
        if (recipes.Count == 0)
            return;
        var table = new ResultTable([.. recipes.Select(recipe => recipe.Name)]);
        var processors = new ResultTable([.. recipes.Select(recipe => recipe.Name)]);
        var servers = new List<ServerProcess>();
        try
        {
            foreach (var recipe in recipes)
                servers.Add(ServerProcess.Start(recipe, tree));
            table.Add("resident at start", "MiB", Resident(servers));
            await WarmUpAsync(scenarios, servers);
            for (var round = 0; round < settings.Rounds; round++)
            {
                foreach (var scenario in scenarios)
                {
                    var costs = await MeasureAsync(scenario, servers, round);
                    table.Add(scenario.Name, scenario.Driver.Unit, costs.ToDictionary(static pair => pair.Key, static pair => pair.Value.Figure));
                    processors.Add(scenario.Name, "us user", costs.ToDictionary(static pair => pair.Key, static pair => pair.Value.User));
                    processors.Add(scenario.Name, "us system", costs.ToDictionary(static pair => pair.Key, static pair => pair.Value.System));
                }
            }

            table.Add("resident", "MiB", Resident(servers));
        }
        finally
        {
            foreach (var server in servers)
                server.Dispose();
        }

        table.Print(Console.Out);
        await Console.Out.WriteLineAsync("\nProcessor time per request, by the counters of the servers' processes:");
        processors.Print(Console.Out);
    }

    private static Dictionary<string, double> Resident(IEnumerable<ServerProcess> servers) =>
        servers.ToDictionary(static server => server.Name, static server => server.ResidentBytes / (1024.0 * 1024));

    /// <summary>Drives everything once for a second without counting: a server that compiles as it runs is slow at first.</summary>
    private async Task WarmUpAsync(IEnumerable<Scenario> scenarios, IEnumerable<ServerProcess> servers)
    {
        foreach (var server in servers)
        {
            foreach (var scenario in scenarios.Where(server.Recipe.Takes))
            {
                stop.ThrowIfCancellationRequested();
                await TryMeasureAsync("warm-up", scenario, server, seconds: 1);
            }
        }
    }

    /// <summary>Measures all servers one after the other, each round beginning with another one.</summary>
    private async Task<Dictionary<string, Cost>> MeasureAsync(Scenario scenario, List<ServerProcess> servers, int round)
    {
        var figures = new Dictionary<string, Cost>();
        for (var turn = 0; turn < servers.Count; turn++)
        {
            stop.ThrowIfCancellationRequested();
            var server = servers[(round + turn) % servers.Count];
            if (!server.Recipe.Takes(scenario))
                continue;
            if (await TryMeasureAsync($"{round + 1}/{settings.Rounds}", scenario, server, settings.Seconds) is { } cost)
                figures[server.Name] = cost;
        }

        return figures;
    }

    /// <summary>Measures one server once, and tells.</summary>
    /// <returns>The figure; null if there is none, which has been told too.</returns>
    private static async Task<Cost?> TryMeasureAsync(string when, Scenario scenario, ServerProcess server, int seconds)
    {
        var what = $"{when} {scenario.Name} {server.Name}:";
        try
        {
            await scenario.CheckAsync(server);
            var before = server.ProcessorTime;
            var measured = await scenario.Driver.MeasureAsync(server.Url + scenario.Path, scenario.Header, seconds);
            var cost = Cost.Of(measured, server.ProcessorTime - before);
            var remark = measured.Remark is null ? "" : $" ({measured.Remark})";
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what} {measured.Value:N0} {scenario.Driver.Unit}{remark}"));
            return cost;
        }
        catch (Exception exception) when (exception is LoadException or HttpRequestException or IOException)
        {
            await Console.Error.WriteLineAsync($"{what} {exception.Message}");
            return null;
        }
    }

    private static bool IsDriverThere(string scenario, ILoadDriver driver)
    {
        if (Programs.Find(driver.Program) is not null)
            return true;
        Console.Error.WriteLine($"{scenario} is left out: it needs {driver.Program}, which is in the package {driver.Package}.");
        return false;
    }
}
