using System.CommandLine;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Profiles;

/// <summary>
/// Has the program that is compiled as it runs do what it does most, and writes what the runtime has counted meanwhile as the profile that the native
/// program is compiled with.
/// </summary>
internal static class ProfileCommand
{
    /// <summary>What the server is asked for, those that it does most first: of two profiles of a method the first one counts.</summary>
    private static readonly string[] Scenarios = ["small", "index", "c512", "304", "mid100k", "text16k", "gzip16k", "listing", "close"];

    private static readonly Argument<string> Output = new("file") { Description = "The profile to write, whose name ends with .mibc." };

    private static readonly Option<int> Seconds = new("--seconds") { Description = "Length of each kind of load.", DefaultValueFactory = static _ => 3 };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code: 0, or 1 if nothing could be counted.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Makes the profile that the native program is compiled with. Needs wrk and ab.") { Output, Seconds };
        command.SetAction(async result =>
        {
            try
            {
                await RunAsync(result.GetRequiredValue(Output), result.GetValue(Seconds));
                return 0;
            }
            catch (LoadException exception)
            {
                await Console.Error.WriteLineAsync($"profile: {exception.Message}");
                return 1;
            }
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task RunAsync(string file, int seconds)
    {
        var ours = ServerTable.Ours(new LoadSettings { Scenarios = [], Peers = [], Rounds = 1, Seconds = seconds });
        using var tree = new SampleTree();
        var files = ScenarioTable.Compared.Where(static scenario => Scenarios.Contains(scenario.Name)).ToList();
        var secure = ScenarioTable.Compared.Where(static scenario => scenario.IsSecure).ToList();
        var filesAlone = ServerTable.WithoutPrograms(ours);
        (ServerRecipe Recipe, IReadOnlyList<Scenario> Load)[] runs =
        [
            (filesAlone, files), (ServerTable.Logging(filesAlone, "/dev/null"), files), (ServerTable.Secure(ours)!, secure),
        ];
        var profiles = new List<MethodProfile>();
        foreach (var (recipe, load) in runs)
            profiles.AddRange(await CountAsync(recipe, load, tree, seconds));
        // A server that runs programs too has another class of handlers: the compiler is told of both.
        var withPrograms = (await CountAsync(ours, files, tree, seconds)).DistinctBy(KeyOf).ToDictionary(KeyOf);
        Write(file, profiles.DistinctBy(KeyOf).Select(profile => withPrograms.TryGetValue(KeyOf(profile), out var other) ? profile.Mix(other) : profile));
    }

    private static (string Name, int CodeSize, string Signature) KeyOf(MethodProfile profile) => (profile.Name, profile.CodeSize, profile.Signature);

    private static async Task<IEnumerable<MethodProfile>> CountAsync(
        ServerRecipe recipe, IReadOnlyList<Scenario> load, SampleTree tree, int seconds)
    {
        var counted = Path.Combine(tree.Scratch, "counted");
        await LoadAsync(Counting(recipe, counted), load, tree, seconds);
        return [.. ProfileReader.Read(File.ReadLines(counted))];
    }

    private static async Task LoadAsync(ServerRecipe recipe, IReadOnlyList<Scenario> load, SampleTree tree, int seconds)
    {
        using var server = ServerProcess.Start(recipe, tree);
        foreach (var scenario in load)
        {
            if (Programs.Find(scenario.Driver.Program) is null)
                throw new LoadException($"{scenario.Driver.Program} is not installed: install the package {scenario.Driver.Package}.");
            await scenario.CheckAsync(server);
            await scenario.Driver.MeasureAsync(server.Url + scenario.Path, scenario.Header, seconds);
        }

        // The runtime writes what it has counted when the process ends by itself.
        await server.StopAsync();
    }

    private static ServerRecipe Counting(ServerRecipe recipe, string file)
    {
        return recipe with { Command = WithVariables(recipe.Command) };

        Func<int, SampleTree, string> WithVariables(Func<int, SampleTree, string> command) => (port, tree) =>
            $"export DOTNET_WritePGOData=1 DOTNET_PGODataPath={Programs.Quote(file)}; {command(port, tree)}";
    }

    private static void Write(string file, IEnumerable<MethodProfile> profiles)
    {
        string[] folders = [Path.GetDirectoryName(ServerTable.BuiltProgram)!, Path.GetDirectoryName(typeof(object).Assembly.Location)!];
        using var index = new CodeIndex(folders);
        var assembly = new ProfileAssembly(index, Path.GetFileName(file));
        var (added, left) = (0, 0);
        foreach (var profile in profiles)
        {
            if (assembly.TryAdd(profile))
                added++;
            else
                left++;
        }

        assembly.Save(file);
        Console.WriteLine($"{file}: {added} methods. Left out, as others' or because what was counted does not say which of several they are: {left}.");
    }
}
