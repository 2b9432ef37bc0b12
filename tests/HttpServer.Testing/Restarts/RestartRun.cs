using System.Globalization;
using System.Security.Cryptography;

namespace Http.Server.Tests.Support.Restarts;

/// <summary>Clients ask, and servers are restarted one after the other meanwhile.</summary>
/// <param name="Answered">Answers that were whole and right.</param>
/// <param name="Failed">Requests that had none.</param>
/// <param name="Failures">The first of these, in words.</param>
/// <param name="AskedByWrk">Requests of wrk; 0 where it was not beside the others.</param>
/// <param name="FailedOfWrk">Those of them that were not answered well, and connections that broke.</param>
internal sealed record RestartRun(
    long Answered, long Failed, IReadOnlyCollection<string> Failures, long AskedByWrk = 0, long FailedOfWrk = 0)
{
    private const int Connections = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Restarts two servers behind a balancer, in turns.</summary>
    /// <param name="program">How the servers are started.</param>
    /// <param name="balancer">The path of haproxy, nginx or caddy.</param>
    /// <param name="configuration">The file of <c>docs/deploy</c>.</param>
    /// <param name="drain">The time of a drain, in seconds, in the place of that in the configuration.</param>
    /// <param name="restarts">How often.</param>
    /// <param name="requests">Answers that there are to be at least.</param>
    /// <param name="wrk">The path of wrk, to ask beside the others; null for none.</param>
    /// <param name="onSockets">The servers listen at Unix domain sockets rather than at ports.</param>
    public static async Task<RestartRun> BehindAsync(string[] program, string balancer, string configuration,
        int drain, int restarts, long requests, string? wrk = null, bool onSockets = false)
    {
        using var folder = new TempDirectory();
        var bodies = WriteFiles(folder);
        var options = Balancer.OptionsOfReplica(configuration);
        options[Array.IndexOf(options, "--drain") + 1] = Text(drain);
        string[] addresses = onSockets
            ? [Path.Combine(folder.Path, "1.sock"), Path.Combine(folder.Path, "2.sock")]
            : [$"127.0.0.1:{ListeningProgram.FindFreePort()}", $"127.0.0.1:{ListeningProgram.FindFreePort()}"];
        var site = Path.Combine(folder.Path, "site");
        var replicas = addresses
            .Select((address, number) => new Replica(program, [.. ListenAt(address, options), "-d", site], $"{number + 1}"))
            .ToArray();
        await using var first = replicas[0];
        await using var second = replicas[1];
        await first.StartAsync();
        await second.StartAsync();
        await using var running = await Balancer.StartAsync(balancer, configuration, addresses, folder.MakeDirectory("balancer"));
        return await RunAsync(running.Port, bodies, replicas, restarts, requests, wrk);
    }

    /// <summary>Restarts the one server of a socket unit: while there is none, connections wait in the socket.</summary>
    /// <param name="program">How the server is started.</param>
    /// <param name="bash">The path of bash.</param>
    /// <param name="drain">The time of a drain, in seconds.</param>
    /// <param name="restarts">How often.</param>
    /// <param name="requests">Answers that there are to be at least.</param>
    /// <param name="wrk">The path of wrk, to ask beside the others; null for none.</param>
    public static async Task<RestartRun> OfSocketUnitAsync(
        string[] program, string bash, int drain, int restarts, long requests, string? wrk = null)
    {
        using var folder = new TempDirectory();
        var bodies = WriteFiles(folder);
        using var unit = new SocketUnit();
        await using var server = new Replica(program, ["-d", Path.Combine(folder.Path, "site"), "--drain", Text(drain)], "unit",
            command => unit.Hand(bash, command, Replica.Begin));
        await server.StartAsync();
        return await RunAsync(unit.Port, bodies, [server], restarts, requests, wrk);
    }

    /// <summary>The options of a replica at an address: that of a port, or the path of a Unix domain socket.</summary>
    private static IEnumerable<string> ListenAt(string address, string[] options) => address.StartsWith('/')
        ? options.Select((option, at) => option != "127.0.0.1" ? option : options[at - 1] == "--bind" ? $"unix:{address}" : "unix")
        : options.Prepend(address[(address.LastIndexOf(':') + 1)..]);

    private static async Task<RestartRun> RunAsync(
        int port, byte[][] bodies, Replica[] replicas, int restarts, long requests, string? wrk)
    {
        var clients = new CheckingClients(port, bodies);
        using var end = new CancellationTokenSource();
        var asking = clients.RunAsync(Connections, end.Token);
        await using var other = wrk is null ? null : WrkClient.Start(wrk, $"http://127.0.0.1:{Text(port)}/1");
        var (asked, failed) = (0L, 0L);
        try
        {
            foreach (var replica in replicas)
                await clients.WaitForAsync(replica.Name).WaitAsync(Patience);
            for (var restart = 0; restart < restarts; restart++)
            {
                var replica = replicas[restart % replicas.Length];
                await replica.StopAsync();
                await replica.StartAsync();
                await clients.WaitForAsync(replica.Name).WaitAsync(Patience);
            }

            while (clients.Answered < requests)
                await Task.Delay(10, CancellationToken.None);
            if (other is not null)
                (asked, failed) = await other.StopAsync();
        }
        finally
        {
            await end.CancelAsync();
        }

        await asking.WaitAsync(Patience);
        return new RestartRun(clients.Answered, clients.Failed, clients.Failures, asked, failed);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static byte[][] WriteFiles(TempDirectory folder)
    {
        var bodies = Enumerable.Range(0, 8).Select(static number => RandomNumberGenerator.GetBytes(100 + (number * 3000))).ToArray();
        var site = folder.MakeDirectory("site");
        for (var number = 0; number < bodies.Length; number++)
            File.WriteAllBytes(Path.Combine(site, $"{number}"), bodies[number]);
        return bodies;
    }
}
