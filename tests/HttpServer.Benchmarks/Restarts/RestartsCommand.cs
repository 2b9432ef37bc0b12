using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Http.Server.Benchmarks.Load;
using Http.Server.Tests.Support.Restarts;

namespace Http.Server.Benchmarks.Restarts;

/// <summary>Restarts servers while clients check every body, behind each balancer.</summary>
internal static class RestartsCommand
{
    private static readonly string[] Balancers = ["haproxy", "nginx", "caddy"];

    private static readonly Option<string> Configurations = new("--configurations")
    {
        Description = "The folder docs/deploy.",
        HelpName = "DIR",
        DefaultValueFactory = static _ => Path.Combine("docs", "deploy"),
    };

    private static readonly Option<string?> Published = new("--published")
    {
        Description = "Restart this native program rather than the one built with this one.",
        HelpName = "FILE",
    };

    private static readonly Option<int> Count = new("--restarts") { Description = "Restarts of each.", DefaultValueFactory = static _ => 20 };

    private static readonly Option<long> Requests = new("--requests")
    {
        Description = "Requests of each, at least.",
        DefaultValueFactory = static _ => 100_000,
    };

    private static readonly Option<int> Drain = new("--drain")
    {
        Description = "Seconds of a drain behind a balancer.",
        DefaultValueFactory = static _ => 3,
    };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code: 0, or 1 if a request was lost.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Restarts servers, and counts what their clients lose.") { Configurations, Published, Count, Requests, Drain };
        command.SetAction(RunAsync);
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(ParseResult result)
    {
        string[] program = result.GetValue(Published) is { } file ? [Path.GetFullPath(file)] : ["dotnet", BuiltProgram()];
        var (count, requests, lost) = (result.GetValue(Count), result.GetValue(Requests), 0L);
        Console.WriteLine("| | restarts | requests | lost | seconds |\n|---|---:|---:|---:|---:|");
        foreach (var name in Balancers)
        {
            if (Programs.Find(name) is not { } balancer)
            {
                await Console.Error.WriteLineAsync($"restarts: {name} is not installed, and left out.");
                continue;
            }

            var configuration = Directory.EnumerateFiles(result.GetValue(Configurations)!)
                .First(path => Path.GetFileName(path).StartsWith(name, StringComparison.OrdinalIgnoreCase));
            await ReportAsync(name, () => RestartRun.BehindAsync(program, balancer, configuration, result.GetValue(Drain), count, requests));
        }

        return lost == 0 ? 0 : 1;

        async Task ReportAsync(string name, Func<Task<RestartRun>> run)
        {
            var watch = Stopwatch.StartNew();
            var done = await run();
            lost += done.Failed;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {count} | {done.Answered:N0} | {done.Failed} | {watch.Elapsed.TotalSeconds:0} |"));
            foreach (var failure in done.Failures)
                await Console.Error.WriteLineAsync($"{name}: {failure}");
        }
    }

    private static string BuiltProgram() => typeof(RestartsCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(static one => one.Key == "ServerProgram").Value!;
}
