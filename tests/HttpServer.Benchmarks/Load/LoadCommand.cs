using System.CommandLine;

namespace Http.Server.Benchmarks.Load;

/// <summary>The load program's command line.</summary>
internal static class LoadCommand
{
    private static readonly Option<string> Scenarios = new("--scenarios")
    {
        Description = $"What to measure, separated by commas: {string.Join(", ", ScenarioTable.Names)}.",
        HelpName = "NAMES",
        DefaultValueFactory = _ => string.Join(',', ScenarioTable.Names),
    };

    private static readonly Option<string> Peers = new("--peers")
    {
        Description = $"What to compare with, separated by commas: {string.Join(", ", ServerTable.PeerNames)}; one that is not installed is left out. "
            + "With few processors fewer peers at a time give steadier figures.",
        HelpName = "NAMES",
        DefaultValueFactory = _ => string.Join(',', ServerTable.PeerNames.Where(static name => name != "jit")),
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often each server is measured in each scenario; the medians are shown.",
        HelpName = "N",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "Length of each measurement with wrk.",
        HelpName = "S",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<string?> Published = new("--published")
    {
        Description = "Measure the program published into this directory, or this native program, rather than the one built with this one, "
            + "which the peer jit is then. The scenario startup is about such a program.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Host = new("--host")
    {
        Description = "The published httpserver-host program, for the scenarios hoststart and hostmemory, and beside the module where scriptblocks are compared.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> PowerShell = new("--pwsh")
    {
        Description = "Shell command of the PowerShell to compare the host's start with; default the installed pwsh.",
        HelpName = "CMD",
    };

    private static readonly Option<string?> Ours = new("--ours")
    {
        Description = "Shell command that starts our server, with {port} and {root} in it.",
        HelpName = "CMD",
    };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code: 0, or 1 if nothing could be measured.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Measures this server beside others on the same tree of files.")
        {
            Scenarios, Peers, Rounds, Seconds, Published, Host, PowerShell, Ours,
        };
        AcceptNames(Scenarios, ScenarioTable.Names);
        AcceptNames(Peers, ServerTable.PeerNames);
        AcceptPositive(Rounds);
        AcceptPositive(Seconds);
        command.SetAction(async (result, stop) =>
        {
            var settings = new LoadSettings
            {
                Scenarios = Split(result.GetRequiredValue(Scenarios)),
                Peers = Split(result.GetRequiredValue(Peers)),
                Rounds = result.GetRequiredValue(Rounds),
                Seconds = result.GetRequiredValue(Seconds),
                Published = result.GetValue(Published),
                Host = result.GetValue(Host),
                PowerShell = result.GetValue(PowerShell),
                Ours = result.GetValue(Ours),
            };
            try
            {
                await new LoadRun(settings, stop).RunAsync();
                return 0;
            }
            catch (LoadException exception)
            {
                await Console.Error.WriteLineAsync($"load: {exception.Message}");
                return 1;
            }
            catch (OperationCanceledException)
            {
                return 1;
            }
        });
        return command.Parse(args).InvokeAsync();
    }

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static void AcceptNames(Option<string> option, IReadOnlyList<string> known) => option.Validators.Add(result =>
    {
        foreach (var name in Split(result.GetValueOrDefault<string>()).Except(known))
            result.AddError($"{option.Name}: there is no '{name}', only {string.Join(", ", known)}.");
    });

    private static void AcceptPositive(Option<int> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
            result.AddError($"{option.Name} is at least 1.");
    });
}
