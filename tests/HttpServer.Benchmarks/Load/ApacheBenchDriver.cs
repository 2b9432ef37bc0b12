using System.Globalization;
using System.Text.RegularExpressions;

namespace Http.Server.Benchmarks.Load;

/// <summary>ab: a new connection for each request.</summary>
/// <param name="requests">How many.</param>
/// <param name="connections">How many at a time.</param>
internal sealed partial class ApacheBenchDriver(int requests, int connections) : ILoadDriver
{
    public string Program => "ab";

    public string Package => "apache2-utils";

    public string Unit => "req/s";

    public async Task<Measurement> MeasureAsync(string url, string? header, int seconds)
    {
        string[] headers = header is null ? [] : ["-H", header];
        // -r: a connection that is reset counts as failed rather than ending ab.
        var output = await Programs.RunAsync(Program, ["-q", "-r", "-n", $"{requests}", "-c", $"{connections}", .. headers, url]);
        if (Refusals().Match(output) is { Success: true } refusals)
            throw new LoadException($"{refusals.Groups[1].Value} answers were errors.");
        var rate = Rate().Match(output);
        if (!rate.Success)
            throw new LoadException($"ab gave no rate: {output}");
        var failed = int.Parse(Failures().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        return new(double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), failed > 0 ? $"{failed} of {requests} requests failed" : null)
        {
            Requests = requests,
        };
    }

    [GeneratedRegex(@"Requests per second:\s*([0-9.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"Non-2xx responses:\s*([0-9]+)")]
    private static partial Regex Refusals();

    [GeneratedRegex(@"Failed requests:\s*([0-9]+)")]
    private static partial Regex Failures();
}
