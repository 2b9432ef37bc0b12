using System.Globalization;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Grow;

/// <summary>What a scriptblock's answer takes as there are more handlers, and more workers; each server is one of its own.</summary>
/// <param name="host">The published host.</param>
/// <param name="tree">What is served.</param>
internal sealed class ScriptGrowth(string host, SampleTree tree)
{
    private const string Serve = "$null = Start-HttpServer -Port {port} -Bind 127.0.0.1 -Directory {root} -Quiet";
    private static readonly int[] Handlers = [1, 10, 100, 1_000, 10_000];
    private static readonly int[] Workers = [1, 2, 4, 8, 16, 32, 64];

    /// <summary>The time of an answer, and of the registration of all handlers.</summary>
    public async Task<IReadOnlyList<GrowthSeries>> OfHandlersAsync()
    {
        List<(double, double)> times = [], registrations = [];
        foreach (var count in Handlers)
        {
            // Registered while the server runs: each takes its place at once.
            using var server = Start(string.Create(CultureInfo.InvariantCulture, $$"""
                {{Serve}}
                $watch = [Diagnostics.Stopwatch]::StartNew()
                foreach ($number in 1..{{count}}) { Register-HttpHandler GET "/h$number/{name}" { 'hello' } }
                $took = "$($watch.Elapsed.TotalMilliseconds)"
                Register-HttpHandler GET /took { $using:took }
                """));
            registrations.Add((count, await AskAsync(server)));
            using var client = new KeptClient(server.Port);
            times.Add((count, client.Measure(string.Create(CultureInfo.InvariantCulture, $"/h{(count + 1) / 2}/x"), requests: 2000)));
        }

        return [new("an answer of a scriptblock", "handlers", "us", IsFlat: true, times), new("their registration", "handlers", "ms", IsFlat: false, registrations)];
    }

    /// <summary>The time of an answer, and the memory, when each worker has been made.</summary>
    public IReadOnlyList<GrowthSeries> OfWorkers()
    {
        List<(double, double)> times = [], memory = [];
        foreach (var count in Workers)
        {
            // Each of the first requests waits until there are as many as there are workers.
            using var server = Start(string.Create(CultureInfo.InvariantCulture, $$"""
                Register-HttpHandler GET /hello { 'hello' }
                Register-HttpHandler GET /meet { $Shared[$Request.Id] = 1; while ($Shared.Count -lt {{count}}) { Start-Sleep -Milliseconds 5 }; 'met' }
                {{Serve}} -ThrottleLimit {{count}}
                """));
            var clients = Enumerable.Range(0, count).Select(_ => new KeptClient(server.Port)).ToArray();
            Task.WaitAll([.. clients.Select(static client => Task.Factory.StartNew(() => client.Get("/meet"), TaskCreationOptions.LongRunning))]);
            times.Add((count, clients[0].Measure("/hello", requests: 2000)));
            memory.Add((count, server.ResidentBytes / (1024.0 * 1024)));
            foreach (var client in clients)
                client.Dispose();
        }

        return [new("an answer of a scriptblock", "workers", "us", IsFlat: true, times), new("resident memory of the host", "workers", "MiB", IsFlat: false, memory)];
    }

    /// <summary>Milliseconds that the registration took; asked for until it has come to its end.</summary>
    private static async Task<double> AskAsync(ServerProcess server)
    {
        using var client = new HttpClient();
        while (true)
        {
            using var answer = await client.GetAsync(new Uri(server.Url + "/took"));
            if (answer.IsSuccessStatusCode)
                return double.Parse(await answer.Content.ReadAsStringAsync(), CultureInfo.InvariantCulture);
            await Task.Delay(100);
        }
    }

    private ServerProcess Start(string script) => ServerProcess.Start(new ServerRecipe(ServerTable.HostName, (port, site) =>
        $"exec {Programs.Quote(host)} -Command {Programs.Quote(ServerTable.Fill(script, port, site))}"), tree);
}
