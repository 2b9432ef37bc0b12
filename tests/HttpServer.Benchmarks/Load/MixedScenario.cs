using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Http.Server.Benchmarks.Load;

/// <summary>
/// How long a small file takes beside requests that keep processors: archives, long listings, files that are compressed, and passwords. What it takes
/// meanwhile of a server that has nothing else to do tells what of that is the machine's.
/// </summary>
/// <param name="recipe">How the server is started.</param>
/// <param name="idle">A server that is left alone; null for none.</param>
/// <param name="tree">What is served.</param>
internal sealed class MixedScenario(ServerRecipe recipe, ServerRecipe? idle, SampleTree tree)
{
    private const string User = "user";
    private const string Password = "password of the benchmark";

    private const int Names = 100_000;
    private const int ArchivedFiles = 16;
    private const int ArchivedSize = 256 * 1024;

    /// <summary>Between two requests for the small file: a client that asks again and again without an end would be a load of its own.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Before a client that was refused comes again: less than it is told to.</summary>
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(250);

    private static readonly string Authorization = HeaderOf(Password);

    private static readonly (string Name, int Clients, string Path, string Header)[] Loads =
    [
        ("nothing", 0, "", ""),
        ("200 archives of 4 MB", 200, "/mixed/tree/?archive=zip", Authorization),
        ("64 listings of 100,000 names", 64, "/mixed/names/", Authorization),
        ("64 compressed files of 16 MB", 64, "/mixed/large.txt", "Accept-Encoding: gzip\r\n" + Authorization),
        ("64 wrong passwords", 64, "/small.txt", HeaderOf("wrong")),
    ];

    private string Users => Path.Combine(tree.Scratch, "mixed-users");

    /// <exception cref="LoadException">The server does not answer.</exception>
    public async Task RunAsync(int seconds, CancellationToken stop)
    {
        WriteFiles();
        using var server = ServerProcess.Start(new(recipe.Name, (port, tree) => $"{recipe.Command(port, tree)} --auth-file {Programs.Quote(Users)}"), tree);
        using var other = idle is null ? null : ServerProcess.Start(idle, tree);
        foreach (var load in Loads)
            await MeasureAsync(server, other, load.Name, [load], seconds, stop);
        await MeasureAsync(server, other, "all of these", Loads, seconds, stop);
    }

    private static async Task MeasureAsync(
        ServerProcess server, ServerProcess? other, string name, IReadOnlyList<(string Name, int Clients, string Path, string Header)> loads, int seconds, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var answers = new ConcurrentDictionary<string, int>();
        var clients = loads.SelectMany(load => Enumerable.Range(0, load.Clients)
            .Select(_ => Task.Run(() => AskAsync(server.Port, load.Path, load.Header, answers, end.Token), CancellationToken.None))).ToArray();
        var small = TimeAsync(server.Port, seconds, stop);
        var reference = other is null ? null : TimeAsync(other.Port, seconds, stop);
        var times = await small;
        var machine = reference is null ? [] : await reference;
        await end.CancelAsync();
        await Task.WhenAll(clients);
        Console.WriteLine($"mixed: beside {name}: a small file takes {Describe(times)}; {(other is null ? "" : $"of {other.Name}, which is left alone, {Describe(machine)}; ")}"
            + string.Join(", ", answers.Select(answer => $"{answer.Value} × {answer.Key}")));
    }

    private static string Describe(List<double> times) => string.Create(
        CultureInfo.InvariantCulture, $"{times[times.Count / 2]:F1} ms, p99 {times[times.Count * 99 / 100]:F1} ms, at most {times[^1]:F1} ms");

    /// <summary>Asks for the small file again and again.</summary>
    /// <returns>Milliseconds that it took, in order.</returns>
    private static async Task<List<double>> TimeAsync(int port, int seconds, CancellationToken stop)
    {
        var times = new List<double>();
        using var socket = await ConnectAsync(port, stop);
        var request = Encoding.ASCII.GetBytes($"GET /small.txt HTTP/1.1\r\nHost: localhost\r\n{Authorization}\r\n");
        var buffer = new byte[8192];
        for (var until = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < until;)
        {
            var start = Stopwatch.GetTimestamp();
            await socket.SendAsync(request, stop);
            if (await socket.ReceiveAsync(buffer, stop) == 0)
                throw new LoadException("mixed: the server closed the connection rather than answer.");
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(Pause, stop);
        }

        times.Sort();
        return times;
    }

    private static string HeaderOf(string password) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{password}"))}\r\n";

    private static async Task AskAsync(int port, string path, string header, ConcurrentDictionary<string, int> answers, CancellationToken stop)
    {
        var buffer = new byte[256 * 1024];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await ConnectAsync(port, stop);
                await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n"), stop);
                var count = await socket.ReceiveAsync(buffer, stop);
                var status = Encoding.ASCII.GetString(buffer, 0, Math.Min(count, 12));
                answers.AddOrUpdate(status, 1, static (_, known) => known + 1);
                while (count > 0)
                    count = await socket.ReceiveAsync(buffer, stop);
                if (status.EndsWith("503", StringComparison.Ordinal))
                    await Task.Delay(Refusal, stop);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The measurement has ended, or the server has refused this one.
            }
        }
    }

    private static async Task<Socket> ConnectAsync(int port, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), stop);
        return socket;
    }

    private void WriteFiles()
    {
        File.WriteAllText(Users, $"{User}:{BasicAuthentication.Hash(Password)}\n");
        var names = Directory.CreateDirectory(Path.Combine(tree.Root, "mixed", "names")).FullName;
        for (var number = 0; number < Names; number++)
            File.WriteAllBytes(Path.Combine(names, $"a-name-of-some-length-{number:000000}.txt"), []);
        var random = new Random(1);
        var archived = Directory.CreateDirectory(Path.Combine(tree.Root, "mixed", "tree")).FullName;
        var bytes = new byte[ArchivedSize];
        for (var number = 0; number < ArchivedFiles; number++)
        {
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(archived, $"file-{number}"), bytes);
        }

        File.WriteAllText(Path.Combine(tree.Root, "mixed", "large.txt"), string.Create(16 * 1024 * 1024, random, static (span, random) =>
        {
            for (var at = 0; at < span.Length; at++)
                span[at] = "etaoinshrdlu \n"[random.Next(14)];
        }));
    }
}
