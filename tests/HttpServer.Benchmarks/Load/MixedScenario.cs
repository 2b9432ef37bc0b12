using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Http.Server.Benchmarks.Load;

/// <summary>How long a small file takes beside requests that keep processors: archives, long listings and files that are compressed.</summary>
internal sealed class MixedScenario(ServerRecipe recipe, SampleTree tree)
{
    private const int Names = 100_000;
    private const int ArchivedFiles = 16;
    private const int ArchivedSize = 256 * 1024;

    /// <summary>Between two requests for the small file: a client that asks again and again without an end would be a load of its own.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private static readonly (string Name, int Clients, string Path, string Header)[] Loads =
    [
        ("nothing", 0, "", ""),
        ("200 archives of 4 MB", 200, "/mixed/tree/?archive=zip", ""),
        ("64 listings of 100,000 names", 64, "/mixed/names/", ""),
        ("64 compressed files of 16 MB", 64, "/mixed/large.txt", "Accept-Encoding: gzip\r\n"),
    ];

    /// <exception cref="LoadException">The server does not answer.</exception>
    public async Task RunAsync(int seconds, CancellationToken stop)
    {
        WriteFiles();
        using var server = ServerProcess.Start(recipe, tree);
        foreach (var load in Loads)
            await MeasureAsync(server, load.Name, [load], seconds, stop);
        await MeasureAsync(server, "all of these", Loads, seconds, stop);
    }

    private static async Task MeasureAsync(
        ServerProcess server, string name, IReadOnlyList<(string Name, int Clients, string Path, string Header)> loads, int seconds, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var answers = new ConcurrentDictionary<string, int>();
        var clients = loads.SelectMany(load => Enumerable.Range(0, load.Clients)
            .Select(_ => Task.Run(() => AskAsync(server.Port, load.Path, load.Header, answers, end.Token), CancellationToken.None))).ToArray();
        var times = new List<double>();
        using (var socket = await ConnectAsync(server.Port, stop))
        {
            var buffer = new byte[8192];
            for (var until = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < until;)
            {
                var start = Stopwatch.GetTimestamp();
                await socket.SendAsync("GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), stop);
                if (await socket.ReceiveAsync(buffer, stop) == 0)
                    throw new LoadException("mixed: the server closed the connection rather than answer.");
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                await Task.Delay(Pause, stop);
            }
        }

        await end.CancelAsync();
        await Task.WhenAll(clients);
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"mixed: beside {name}: a small file takes {times[times.Count / 2]:F1} ms, p99 {times[times.Count * 99 / 100]:F1} ms, at most {times[^1]:F1} ms; ")
            + string.Join(", ", answers.Select(answer => $"{answer.Value} × {answer.Key}")));
    }

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
                answers.AddOrUpdate(Encoding.ASCII.GetString(buffer, 0, Math.Min(count, 12)), 1, static (_, known) => known + 1);
                while (count > 0)
                    count = await socket.ReceiveAsync(buffer, stop);
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
