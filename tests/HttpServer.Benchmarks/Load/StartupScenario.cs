namespace Http.Server.Benchmarks.Load;

/// <summary>How long it takes from the start of the process to the first answer; less is better.</summary>
/// <param name="ours">Our server.</param>
/// <param name="python">The one to compare with; null if it is not there.</param>
/// <param name="tree">What they serve.</param>
internal sealed class StartupScenario(ServerRecipe ours, ServerRecipe? python, SampleTree tree)
{
    private const int Runs = 7;

    public void Run(CancellationToken stop)
    {
        ServerRecipe[] recipes = python is null ? [ours] : [ours, python];
        var table = new ResultTable([.. recipes.Select(recipe => recipe.Name)]);
        // The first start reads the programs from the disk; later ones find them in memory.
        foreach (var recipe in recipes)
            ServerProcess.Start(recipe, tree).Dispose();
        for (var run = 0; run < Runs; run++)
        {
            stop.ThrowIfCancellationRequested();
            var figures = new Dictionary<string, double>();
            foreach (var recipe in run % 2 == 0 ? recipes : recipes.Reverse())
            {
                using var server = ServerProcess.Start(recipe, tree);
                figures[recipe.Name] = server.StartTime.TotalMilliseconds;
            }

            table.Add(ScenarioTable.Startup, "ms", figures);
        }

        table.Print(Console.Out);
    }
}
