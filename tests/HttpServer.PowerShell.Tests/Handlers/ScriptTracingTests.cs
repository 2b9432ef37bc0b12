using System.Collections.Concurrent;
using System.Diagnostics;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers;

public sealed class ScriptTracingTests
{
    [EngineFact]
    public async Task A_script_runs_within_its_requests_activity_which_has_the_patterns_name()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Http.Server",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var name = Guid.NewGuid().ToString("N");
        string first, second;
        await using (var site = new ScriptSite())
        {
            site.Answer($"/{name}/{{id}}", "[Diagnostics.Activity]::Current.SpanId.ToHexString()");
            using var client = new HttpClient();
            first = await client.GetStringAsync(new Uri(site.Server.Uri!, $"/{name}/7"), TestContext.Current.CancellationToken);
            second = await client.GetStringAsync(new Uri(site.Server.Uri!, $"/{name}/8"), TestContext.Current.CancellationToken);
        }

        var activities = ended.Where(activity => activity.DisplayName == $"GET /{name}/{{id}}").ToList();
        Assert.Equal(2, activities.Count);
        Assert.All(activities, activity => Assert.Equal($"/{name}/{{id}}", activity.GetTagItem("http.route")));
        Assert.Equal(activities.Select(static activity => activity.SpanId.ToHexString()).Order(), new[] { first, second }.Order());
    }
}
