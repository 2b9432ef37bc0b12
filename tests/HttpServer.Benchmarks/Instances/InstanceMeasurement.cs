using System.Diagnostics;
using System.Globalization;
using Http.Server.Benchmarks.Load;
using Http.Server.Tests.Support;
using Http.Server.Tests.Support.Restarts;

namespace Http.Server.Benchmarks.Instances;

/// <summary>Starts the servers of a layout, drives them with wrk, and reads what the processors did.</summary>
internal sealed class InstanceMeasurement(SampleTree tree, string configuration, int seconds)
{
    private const int Connections = 64;

    public async Task<InstanceFigures> RunAsync(InstanceLayout layout)
    {
        var servers = new List<ServerProcess>();
        try
        {
            for (var number = 0; number < layout.Instances; number++)
                servers.Add(ServerProcess.Start(layout.IsPinned ? Pinned(layout.Kind.Recipe, number) : layout.Kind.Recipe, tree));
            if (!layout.IsBalanced)
                return await DriveAsync([.. servers.Select(server => server.Url + layout.Kind.Path)], servers, null);
            using var folder = new TempDirectory();
            var file = Path.Combine(folder.Path, Path.GetFileName(configuration));
            await File.WriteAllTextAsync(file, WithServers(await File.ReadAllTextAsync(configuration), servers));
            await using var balancer = await Balancer.StartAsync(Programs.Find("haproxy")!, file, [], folder.MakeDirectory("balancer"));
            return await DriveAsync([$"http://127.0.0.1:{balancer.Port}{layout.Kind.Path}"], servers, balancer);
        }
        finally
        {
            foreach (var server in servers)
                server.Dispose();
        }
    }

    private static ServerRecipe Pinned(ServerRecipe recipe, int number) => recipe with
    {
        Command = (port, files) => recipe.Command(port, files).Replace(
            "exec ", string.Create(CultureInfo.InvariantCulture, $"exec taskset -c {number % Environment.ProcessorCount} "), StringComparison.Ordinal),
    };

    /// <summary>The lines of the two replicas become those of the servers that run, which are asked without the PROXY protocol.</summary>
    private static string WithServers(string configuration, IEnumerable<ServerProcess> servers)
    {
        var lines = configuration.Replace(" send-proxy-v2 check-send-proxy", "", StringComparison.Ordinal).Split('\n')
            .Where(static line => !line.StartsWith("    server ", StringComparison.Ordinal));
        return string.Join('\n', lines.Concat(servers.Select(static (server, number) => $"    server s{number} 127.0.0.1:{server.Port}"))) + '\n';
    }

    private async Task<InstanceFigures> DriveAsync(string[] urls, List<ServerProcess> servers, Balancer? balancer)
    {
        var driver = new WrkDriver(Connections / urls.Length);
        // Once for nothing: code that is compiled as it runs is compiled then.
        await Task.WhenAll(urls.Select(url => driver.MeasureAsync(url, null, seconds)));
        using var self = Process.GetCurrentProcess();
        using var between = balancer is null ? null : Process.GetProcessById(balancer.ProcessId);
        var before = Read();
        var measured = await Task.WhenAll(urls.Select(url => driver.MeasureAsync(url, null, seconds)));
        var after = Read();
        if (measured.FirstOrDefault(static one => one.Remark is not null).Remark is { } remark)
            throw new LoadException(remark);
        var requests = measured.Sum(static one => one.Requests);
        return new(
            measured.Sum(static one => one.Value),
            (after.Servers - before.Servers) / requests,
            (after.Balancer - before.Balancer) / requests,
            (after.Clients - before.Clients) / requests);

        (double Servers, double Balancer, double Clients) Read()
        {
            // wrk has ended and was waited for at each reading, so that its time is among that of this process.
            var all = Micros(ProcessorTime.OfTree(self));
            var serving = servers.Sum(static server => Micros(server.ProcessorTime));
            var balancing = between is null ? 0 : Micros(ProcessorTime.OfTree(between));
            return (serving, balancing, all - serving - balancing);
        }
    }

    private static double Micros(ProcessorTime time) => (time.User + time.System).TotalMicroseconds;
}
