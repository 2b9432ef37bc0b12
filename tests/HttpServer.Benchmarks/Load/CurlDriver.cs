using System.Globalization;

namespace Http.Server.Benchmarks.Load;

/// <summary>curl: one large download at a time, three in all, of which the middle one counts.</summary>
internal sealed class CurlDriver : ILoadDriver
{
    private const int Downloads = 3;

    public string Program => "curl";

    public string Package => "curl";

    public string Unit => "MB/s";

    public async Task<Measurement> MeasureAsync(string url, string? header, int seconds)
    {
        string[] headers = header is null ? [] : ["--header", header];
        var downloads = Enumerable.Repeat<string[]>(["--output", "/dev/null", url], Downloads).SelectMany(part => part);
        var output = await Programs.RunAsync(
            Program, ["--silent", "--show-error", "--fail", "--write-out", "%{speed_download}\\n", .. headers, .. downloads]);
        var speeds = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture));
        return new(Statistics.Median(speeds) / 1e6) { Requests = Downloads };
    }
}
