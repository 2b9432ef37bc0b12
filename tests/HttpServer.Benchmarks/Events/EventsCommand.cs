using System.Diagnostics;
using System.Globalization;

namespace Http.Server.Benchmarks.Events;

/// <summary>
/// Measures what listeners of a channel take of memory, and how long an event takes to reach the last of them. Their clients are
/// in this process, on the same processors.
/// </summary>
internal static class EventsCommand
{
    private const int Events = 20;

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        using var server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), EventServer.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var told = (await server.StandardOutput.ReadLineAsync())!.Split(' ').Select(static word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var (port, places) = (told[0], told[1]);
        if (places < count)
        {
            server.StandardInput.Close();
            await Console.Error.WriteLineAsync($"events: the server takes {places} connections: raise the limit of open files (ulimit -n {4 * count}), or give a lesser number.");
            return 1;
        }

        await using (var warm = new ListeningCrowd(port))
            await warm.AddAsync(10);
        var before = await SettleAsync(server);
        await using var crowd = new ListeningCrowd(port);
        await crowd.AddAsync(count);
        var after = await SettleAsync(server);
        var times = new List<double>();
        for (var at = 0; at < Events; at++)
        {
            var arrived = crowd.ExpectAll();
            var start = Stopwatch.GetTimestamp();
            await server.StandardInput.WriteLineAsync($"{{\"number\":{at},\"text\":\"an event of some length, as they are\"}}");
            await arrived.WaitAsync(TimeSpan.FromSeconds(30));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await server.StandardOutput.ReadLineAsync();
        }

        var most = ResidentOf(server);
        server.StandardInput.Close();
        await server.WaitForExitAsync();
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count} listeners: {(after - before) / 1e6:0.0} MB more than without them, {(most - before) / 1e6:0.0} MB after {Events} events; "
            + $"an event reached the last one after {times[Events / 2]:0} ms (median), {times[^1]:0} ms at most"));
        return 0;
    }

    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [typeof(EventsCommand).Assembly.Location] : [];

    private static async Task<long> SettleAsync(Process server)
    {
        await server.StandardInput.WriteLineAsync("collect");
        await server.StandardOutput.ReadLineAsync();
        return ResidentOf(server);
    }

    private static long ResidentOf(Process server)
    {
        server.Refresh();
        return server.WorkingSet64;
    }
}
