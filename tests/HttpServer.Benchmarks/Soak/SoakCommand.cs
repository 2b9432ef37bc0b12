using System.CommandLine;
using System.Globalization;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Soak;

/// <summary>The command line of the soak: everything that a server does at once, for a set time, with faults.</summary>
internal static class SoakCommand
{
    /// <summary>Descriptors for files, programs, threads and logs, and for connections of clients that fail, beside the others.</summary>
    private const int OtherDescriptors = 1_500;

    private static readonly Option<string> Host = new("--host")
    {
        Description = "The published httpserver-host program.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<int> Seconds = new("--seconds") { Description = "How long it lasts.", DefaultValueFactory = static _ => 130 };

    private static readonly Option<int> Idle = new("--idle") { Description = "Connections that are kept and ask for nothing.", DefaultValueFactory = static _ => 10_000 };

    private static readonly Option<int> Slow = new("--slow") { Description = "Connections that take a large file slowly.", DefaultValueFactory = static _ => 1_000 };

    private static readonly Option<int> Busy = new("--busy") { Description = "Clients that ask for one thing after the other.", DefaultValueFactory = static _ => 64 };

    private static readonly Option<string?> Picture = new("--picture") { Description = "Write charts to this file, as SVG.", HelpName = "FILE" };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code: 0; 1 if something could not be measured, or went wrong while there was no fault.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Has one server do everything at once, with faults, and tells how it went.") { Host, Seconds, Idle, Slow, Busy, Picture };
        command.SetAction(async (result, stop) =>
        {
            try
            {
                return await RunAsync(
                    new SoakSettings(Path.GetFullPath(result.GetValue(Host)!), TimeSpan.FromSeconds(result.GetValue(Seconds)))
                    {
                        Idle = result.GetValue(Idle),
                        Slow = result.GetValue(Slow),
                        Busy = result.GetValue(Busy),
                    },
                    result.GetValue(Picture), stop) ? 0 : 1;
            }
            catch (LoadException exception)
            {
                await Console.Error.WriteLineAsync($"soak: {exception.Message}");
                return 1;
            }
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<bool> RunAsync(SoakSettings settings, string? picture, CancellationToken stop)
    {
        using var tree = new SampleTree();
        // The server counts two descriptors for a connection: its own, and the file's that it may have open.
        var descriptors = (2 * (settings.Idle + settings.Slow + settings.Busy)) + OtherDescriptors;
        var limit = (await Programs.RunAsync("sh", "-c", "ulimit -Hn")).Trim();
        if (int.TryParse(limit, CultureInfo.InvariantCulture, out var most) && most < descriptors)
            throw new LoadException($"so many connections need {descriptors} descriptors, and this machine gives {most} to a process: raise the hard limit (ulimit -Hn), or give a smaller --idle.");
        using var server = await SoakServer.StartAsync(settings, tree, descriptors);
        using var quiet = new QuietConnections(server);
        await quiet.OpenAsync(settings.Idle, settings.Slow, stop);
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{settings.Idle + settings.Slow:N0} connections are open; the soak takes {settings.Time.TotalSeconds:N0} s."));
        var counter = new SoakCounter();
        var faults = new SoakFaults(server, quiet, descriptors);
        var samples = new List<SoakSample>();
        using (var clients = new BusyClients(server, counter))
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            // What is compiled at the first requests is not what is measured.
            await WarmUpAsync(clients, end.Token);
            _ = counter.Take(0, null, server);
            var running = new[]
            {
                clients.RunAsync(settings.Busy, end.Token), quiet.RunAsync(end.Token), faults.RunAsync(settings.Time, end.Token),
            };
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            string? before = null;
            for (var second = 1; second <= settings.Time.TotalSeconds && !server.HasEnded && await timer.WaitForNextTickAsync(stop); second++)
            {
                // A second in which a fault was for a part of it only is the fault's.
                var now = faults.Phase;
                samples.Add(counter.Take(second, now ?? before, server));
                before = now;
            }

            await end.CancelAsync();
            await Task.WhenAll(running);
        }

        SoakTable.Write(samples, Console.Out);
        foreach (var (reason, count) in counter.Reasons.OrderByDescending(static entry => entry.Value).Take(20))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} times {reason}"));
        if (server.HasEnded)
            throw new LoadException("the server has ended.");
        if (server.Disk is null || !server.HasStore)
            Console.WriteLine("Left out: " + string.Join(", ", new[] { server.Disk is null ? "a full disk (only root may mount one)" : null, server.HasStore ? null : "a store that is gone (install redis-server)" }.OfType<string>()));
        if (picture is not null)
            await File.WriteAllTextAsync(picture, SoakPicture.Draw(samples), stop);
        return samples.Where(static sample => sample.Phase is null).Sum(static sample => sample.Failures) == 0;
    }

    private static async Task WarmUpAsync(BusyClients clients, CancellationToken stop)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        enough.CancelAfter(TimeSpan.FromSeconds(5));
        await clients.RunAsync(8, enough.Token);
    }
}
