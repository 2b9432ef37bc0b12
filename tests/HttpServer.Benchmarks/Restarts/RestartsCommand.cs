using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Http.Server.Benchmarks.Load;
using Http.Server.Tests.Support.Restarts;

namespace Http.Server.Benchmarks.Restarts;

/// <summary>Restarts servers while clients check every body and wrk asks beside them: under a socket unit, and behind each balancer.</summary>
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
        Description = "Seconds of a drain.",
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
        var wrk = Programs.Find("wrk");
        Console.WriteLine("| | restarts | requests | lost | requests of wrk | errors | seconds |\n|---|---:|---:|---:|---:|---:|---:|");
        if (SocketUnit.FindObstacle() is { } obstacle)
            await Console.Error.WriteLineAsync($"restarts: no socket unit. {obstacle}");
        else if (Programs.Find("bash") is not { } bash)
            await Console.Error.WriteLineAsync("restarts: bash is not installed, and the socket unit left out.");
        else
            await ReportAsync("socket unit", () => RestartRun.OfSocketUnitAsync(program, bash, result.GetValue(Drain), count, requests, wrk));
        foreach (var name in Balancers)
        {
            if (Programs.Find(name) is not { } balancer)
            {
                await Console.Error.WriteLineAsync($"restarts: {name} is not installed, and left out.");
                continue;
            }

            var configuration = Directory.EnumerateFiles(result.GetValue(Configurations)!)
                .First(path => Path.GetFileName(path).StartsWith(name, StringComparison.OrdinalIgnoreCase));
            await ReportAsync(name, () => RestartRun.BehindAsync(program, balancer, configuration, result.GetValue(Drain), count, requests, wrk));
        }

        return lost == 0 ? 0 : 1;

        async Task ReportAsync(string name, Func<Task<RestartRun>> run)
        {
            var watch = Stopwatch.StartNew();
            var done = await run();
            lost += done.Failed + done.FailedOfWrk;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {count} | {done.Answered:N0} | {done.Failed} | {Wrk(done.AskedByWrk, "N0")} | {Wrk(done.FailedOfWrk, "0")} | {watch.Elapsed.TotalSeconds:0} |"));
            foreach (var failure in done.Failures)
                await Console.Error.WriteLineAsync($"{name}: {failure}");
        }

        string Wrk(long number, string format) => wrk is null ? "" : number.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string BuiltProgram() => typeof(RestartsCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(static one => one.Key == "ServerProgram").Value!;
}
