using System.CommandLine;
using System.Globalization;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Instances;

/// <summary>Measures one, two and four servers, each on a processor of its own as far as there are such, alone and behind HAProxy.</summary>
internal static class InstancesCommand
{
    private static readonly Option<string?> Published = new("--published")
    {
        Description = "The published program, or its folder; that which was built with this one if none is named.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Host = new("--host")
    {
        Description = "The published httpserver-host program: scriptblocks are measured too.",
        HelpName = "FILE",
    };

    private static readonly Option<string> Configuration = new("--configuration")
    {
        Description = "HAProxy's configuration.",
        HelpName = "FILE",
        DefaultValueFactory = static _ => Path.Combine("docs", "deploy", "haproxy.cfg"),
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often each is measured, in turn; the medians are shown.",
        DefaultValueFactory = static _ => 5,
    };

    private static readonly Option<int> Seconds = new("--seconds") { Description = "Length of each measurement.", DefaultValueFactory = static _ => 3 };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Measures several servers on one machine. Needs wrk and taskset.") { Published, Host, Configuration, Rounds, Seconds };
        command.SetAction(async result =>
        {
            try
            {
                return await RunAsync(result);
            }
            catch (LoadException exception)
            {
                await Console.Error.WriteLineAsync($"instances: {exception.Message}");
                return 1;
            }
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(ParseResult result)
    {
        var settings = new LoadSettings
        {
            Scenarios = [],
            Peers = [],
            Rounds = result.GetValue(Rounds),
            Seconds = result.GetValue(Seconds),
            Published = result.GetValue(Published),
            Host = result.GetValue(Host),
        };
        foreach (var (program, package) in new[] { ("wrk", "wrk"), ("taskset", "util-linux") })
        {
            if (Programs.Find(program) is null)
            {
                await Console.Error.WriteLineAsync($"instances: {program} is not installed: install the package {package}.");
                return 1;
            }
        }

        var hasBalancer = Programs.Find("haproxy") is not null;
        if (!hasBalancer)
            await Console.Error.WriteLineAsync("instances: haproxy is not installed, and left out.");
        var kinds = new List<InstanceKind> { new("a file of 1 KiB", "/small.txt", Checked(ServerTable.WithoutPrograms(ServerTable.Ours(settings)), " --quiet", " --health /healthz")) };
        if (ServerTable.Host(settings) is { } host)
            kinds.Add(new("`{ 'hello' }`", "/script", Checked(host, " -Quiet", " -HealthPath /healthz")));
        using var tree = new SampleTree();
        var measurement = new InstanceMeasurement(tree, result.GetValue(Configuration)!, settings.Seconds);
        var layouts = InstanceLayout.AllOf(kinds, hasBalancer);
        var figures = layouts.ToDictionary(static layout => layout, static _ => new List<InstanceFigures>());
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var layout in layouts)
                figures[layout].Add(await measurement.RunAsync(layout));
        }

        Console.WriteLine("| answer | in front | servers | processors | requests/s | server | balancer | client | busy |");
        Console.WriteLine("|---|---|---:|---|---:|---:|---:|---:|---:|");
        foreach (var layout in layouts)
        {
            var all = figures[layout];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {layout} | {Median(all, static one => one.Rate):N0} | {Median(all, static one => one.Server):0.0} us "
                + $"| {Median(all, static one => one.Balancer):0.0} us | {Median(all, static one => one.Client):0.0} us | {Median(all, static one => one.Busy):0.00} |"));
        }

        return 0;
    }

    /// <summary>The same with the path that HAProxy asks whether the server is there.</summary>
    private static ServerRecipe Checked(ServerRecipe recipe, string before, string option) => recipe with
    {
        Command = (port, tree) => recipe.Command(port, tree).Replace(before, option + before, StringComparison.Ordinal),
    };

    private static double Median(List<InstanceFigures> all, Func<InstanceFigures, double> figure) =>
        Statistics.Median([.. all.Select(figure)]);
}
