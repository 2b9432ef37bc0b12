using System.Globalization;
using System.Text.RegularExpressions;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The limits that a container has: the server keeps itself within them, and need not be told of them.</summary>
public sealed partial class ContainerLimitTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly string _group = $"httpserver-{Guid.NewGuid():N}";
    private readonly List<string> _groups = [];

    public void Dispose()
    {
        foreach (var group in _groups)
            Directory.Delete(group);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_quota_of_processors_is_their_number()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has these quotas.");
        Assert.Equal(2, await CountPollersAsync("DOTNET_PROCESSOR_COUNT=2"));
        Assert.Equal(1, await CountPollersAsync(Join("cpu", ("cpu.cfs_quota_us", "100000"), ("cpu.max", "100000 100000"))));
    }

    [Fact]
    public async Task The_less_memory_the_fewer_connections()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has these limits.");
        var all = await AskForMostConnectionsAsync("");
        var byHeap = await AskForMostConnectionsAsync("DOTNET_GCHeapHardLimit=2000000");
        Assert.InRange(byHeap, 1, all / 2);
        var byGroup = await AskForMostConnectionsAsync(Join("memory", ("memory.limit_in_bytes", "100000000"), ("memory.max", "100000000")));
        Assert.InRange(byGroup, byHeap, all / 2);
    }

    private async Task<int> CountPollersAsync(string before)
    {
        await using var program = await ServeAsync(before);
        await program.GetAsync("/");
        return Directory.EnumerateDirectories($"/proc/{program.Id}/task").Count(static thread => File.ReadAllText(Path.Combine(thread, "comm")).Trim() == "HTTP sockets");
    }

    private async Task<int> AskForMostConnectionsAsync(string before)
    {
        await using var program = await ServeAsync(before);
        return int.Parse(MostPattern().Match((await program.GetAsync("/metrics")).Text).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <param name="before">A shell's words: variables, or commands that end in <c>&amp;&amp;</c>.</param>
    private async Task<ServerProgram> ServeAsync(string before)
    {
        var program = ServerProgram.StartInShell(
            $"{before} exec {ServerProgram.FullLauncher}\"$0\" 0 -q -b 127.0.0.1 -d '{_folder.Path}' --metrics /metrics");
        await program.WaitForAnnouncementAsync();
        return program;
    }

    /// <summary>Makes a control group with a limit; the test is skipped where that cannot be done.</summary>
    /// <returns>What a shell does to be in it.</returns>
    private string Join(string controller, (string File, string Value) first, (string File, string Value) second)
    {
        // The first version of control groups has a tree for each controller, the second has one for all.
        var (parent, limit) = Directory.Exists($"/sys/fs/cgroup/{controller}") ? ($"/sys/fs/cgroup/{controller}", first) : ("/sys/fs/cgroup", second);
        var group = Path.Combine(parent, _group);
        try
        {
            Directory.CreateDirectory(group);
            _groups.Add(group);
            File.WriteAllText(Path.Combine(group, limit.File), limit.Value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"No control group can be made here: {exception.Message} Run the tests as root, where {parent} can be written.");
        }

        return $"echo $$ > '{group}/cgroup.procs' &&";
    }

    [GeneratedRegex(@"(?m)^http_server_max_connections (\d+)$")]
    private static partial Regex MostPattern();
}
