using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Http.Server.Tests.Support.Restarts;

/// <summary>wrk, which asks over kept connections beside the clients that check bodies, and counts what was not answered well.</summary>
internal sealed partial class WrkClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private WrkClient(Process process) => _process = process;

    /// <summary>Starts it. It asks until it is told to end.</summary>
    /// <param name="program">The path of wrk.</param>
    /// <param name="url">What it asks for.</param>
    public static WrkClient Start(string program, string url) =>
        // It waits for an answer as long as the other clients do, and for longer than any restart.
        new(Process.Start(new ProcessStartInfo(program, ["-t1", "-c8", "-d24h", "--timeout", "60s", url]) { RedirectStandardOutput = true })!);

    /// <summary>Ends it.</summary>
    /// <returns>Its requests; answers other than 2xx and 3xx, connections that broke and answers that did not come.</returns>
    public async Task<(long Requests, long Failed)> StopAsync()
    {
        ProcessSignal.Interrupt(_process.Id);
        var output = await _process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        if (Requests().Match(output) is not { Success: true } requests)
            throw new InvalidOperationException($"wrk told no number of requests: {output}");
        return (Number(requests.Groups[1]), Failures().Matches(output).Sum(static match => match.Groups["count"].Captures.Sum(Number)));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static long Number(Capture text) => long.Parse(text.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("([0-9]+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex("Socket errors:(?:,? [a-z]+ (?<count>[0-9]+))+|Non-2xx or 3xx responses: (?<count>[0-9]+)")]
    private static partial Regex Failures();
}
