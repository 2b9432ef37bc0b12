using System.CommandLine;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Grow;

/// <summary>The command line of the program that tells how costs grow. The whole takes some minutes.</summary>
internal static class GrowCommand
{
    private static readonly Option<string?> Published = new("--published")
    {
        Description = "Measure the program published into this directory, or this native program, rather than the one built with this one.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Host = new("--host")
    {
        Description = "The published httpserver-host program, for handlers and workers; without it they are left out.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Picture = new("--picture")
    {
        Description = "Write the charts to this file, as SVG.",
        HelpName = "FILE",
    };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code: 0, or 1 if something could not be measured.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Measures how costs grow, and fits the exponent of each.") { Published, Host, Picture };
        command.SetAction(async result =>
        {
            try
            {
                await RunAsync(result.GetValue(Published), result.GetValue(Host), result.GetValue(Picture));
                return 0;
            }
            catch (LoadException exception)
            {
                await Console.Error.WriteLineAsync($"grow: {exception.Message}");
                return 1;
            }
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task RunAsync(string? published, string? host, string? picture)
    {
        using var tree = new SampleTree();
        var recipe = ServerTable.Ours(new LoadSettings { Scenarios = [], Peers = [], Rounds = 1, Seconds = 1, Published = published });
        var all = new List<GrowthSeries>();
        using (var server = ServerProcess.Start(recipe, tree))
        {
            using (var client = new KeptClient(server.Port))
                client.Measure("/small.txt", requests: 2000);
            Add(FileGrowth.OfSize(server, tree));
            Add([.. FileGrowth.OfDirectory(server, tree)]);
        }

        using (var server = ServerProcess.Start(recipe, tree))
            Add([.. ConnectionGrowth.Measure(server)]);
        if (host is not null)
        {
            var scripts = new ScriptGrowth(Path.GetFullPath(host), tree);
            Add([.. await scripts.OfHandlersAsync()]);
            Add([.. scripts.OfWorkers()]);
        }

        GrowthTable.Write(all, Console.Out);
        if (picture is not null)
            await File.WriteAllTextAsync(picture, GrowthPicture.Draw(all));

        void Add(params GrowthSeries[] measured)
        {
            all.AddRange(measured);
            foreach (var series in measured)
                Console.Error.WriteLine($"{series.Name}: {string.Join("; ", series.Points.Select(point => FormattableString.Invariant($"{point.Size:N0} {series.Of} {point.Cost:N1} {series.Unit}")))}");
        }
    }
}
