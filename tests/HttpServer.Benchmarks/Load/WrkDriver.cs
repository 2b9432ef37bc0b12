using System.Globalization;
using System.Text.RegularExpressions;

namespace Http.Server.Benchmarks.Load;

/// <summary>wrk: kept connections, one thread, so that it leaves a small machine's other processor to the server.</summary>
internal sealed partial class WrkDriver(int connections) : ILoadDriver
{
    public string Program => "wrk";

    public string Package => "wrk";

    public string Unit => "req/s";

    public async Task<Measurement> MeasureAsync(string url, string? header, int seconds)
    {
        string[] headers = header is null ? [] : ["-H", header];
        var output = await Programs.RunAsync(Program, ["-t1", $"-c{connections}", $"-d{seconds}s", .. headers, url]);
        if (Refusals().Match(output) is { Success: true } refusals)
            throw new LoadException($"{refusals.Groups[1].Value} answers were errors.");
        var rate = Rate().Match(output);
        if (!rate.Success)
            throw new LoadException($"wrk gave no rate: {output}");
        var errors = Errors().Match(output);
        return new(double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), errors.Success ? errors.Value.Trim() : null)
        {
            Requests = Count().Match(output) is { Success: true } count ? long.Parse(count.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
        };
    }

    [GeneratedRegex(@"Requests/sec:\s*([0-9.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"([0-9]+) requests in")]
    private static partial Regex Count();

    [GeneratedRegex(@"Non-2xx or 3xx responses:\s*([0-9]+)")]
    private static partial Regex Refusals();

    [GeneratedRegex("Socket errors:.*")]
    private static partial Regex Errors();
}
