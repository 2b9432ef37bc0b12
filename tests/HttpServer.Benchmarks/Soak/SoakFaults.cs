namespace Http.Server.Benchmarks.Soak;

/// <summary>What goes wrong while the server serves, one thing after the other, with rest between them.</summary>
internal sealed class SoakFaults(SoakServer server, QuietConnections quiet, int descriptors)
{
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(2);

    /// <summary>The fault that there is now; null for none.</summary>
    public string? Phase { get; private set; }

    /// <summary>Injects each fault once, and spreads them over a time.</summary>
    public async Task RunAsync(TimeSpan time, CancellationToken stop)
    {
        List<(string Name, Func<CancellationToken, Task> Inject)> faults =
        [
            ("clients reset", quiet.ResetSomeAsync),
            ("clients stall", token => quiet.FloodAsync(200, token)),
            ("descriptors gone", token => quiet.FloodAsync(descriptors, token)),
            ("server stopped", async _ => { server.Stall(true); await Task.Delay(Standstill, CancellationToken.None); server.Stall(false); }),
        ];
        if (server.Disk is not null)
            faults.Insert(2, ("disk full", token => FillAsync(server.Disk, token)));
        if (server.HasStore)
            faults.Add(("store gone", _ => { server.StallStore(true); return Task.CompletedTask; }));
        // As much rest as faults, and one rest before the first.
        var each = time / ((2 * faults.Count) + 1);
        try
        {
            foreach (var (name, inject) in faults)
            {
                await Task.Delay(each, stop);
                Phase = name;
                var end = Task.Delay(each, stop);
                using (var enough = CancellationTokenSource.CreateLinkedTokenSource(stop))
                {
                    enough.CancelAfter(each);
                    await inject(enough.Token);
                }

                await end;
                EndAll();
                Phase = null;
            }
        }
        catch (OperationCanceledException)
        {
            // The soak is over.
        }
        finally
        {
            server.Stall(false);
            EndAll();
        }
    }

    private void EndAll()
    {
        quiet.EndFlood();
        if (server.HasStore)
            server.StallStore(false);
        if (server.Disk is { } disk)
            File.Delete(Path.Combine(disk, "filler"));
    }

    private static async Task FillAsync(string disk, CancellationToken stop)
    {
        var block = new byte[1024 * 1024];
        try
        {
            await using var file = File.Create(Path.Combine(disk, "filler"));
            while (true)
                await file.WriteAsync(block, stop);
        }
        catch (IOException)
        {
            // It is full.
        }
    }
}
