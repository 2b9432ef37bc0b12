using Http.Server.Browser.Tests.Support;
using Http.Server.Events;

namespace Http.Server.Browser.Tests;

/// <summary>What a browser's EventSource makes of a channel.</summary>
public sealed class EventStreamTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task A_page_hears_events_and_comes_back_for_what_it_has_missed()
    {
        await using var next = new HttpEventChannel("jobs");
        var first = new HttpEventChannel("jobs");
        var current = first;
        await using var server = new RunningServer(() => new Handler(() => Volatile.Read(ref current)));
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/");
        await page.EvaluateAsync(
            "() => { window.heard = []; window.source = new EventSource('/events'); "
            + "source.addEventListener('job', e => heard.push(e.data + '/' + e.lastEventId)); return new Promise(open => source.onopen = open); }");
        await first.SendAsync("{\"a\":1}\nsecond", "job", "one", TestContext.Current.CancellationToken);
        await page.WaitForFunctionAsync("heard.length === 1");
        Assert.Equal("{\"a\":1}\nsecond/one", await page.EvaluateAsync<string>("heard[0]"));
        // As a server that takes over has it: what was heard, and what was missed since.
        await next.SendAsync("old", "job", "one", TestContext.Current.CancellationToken);
        await next.SendAsync("missed", "job", "two", TestContext.Current.CancellationToken);
        Volatile.Write(ref current, next);
        await first.DisposeAsync();
        await page.WaitForFunctionAsync("heard.length === 2");
        Assert.Equal("missed/two", await page.EvaluateAsync<string>("heard[1]"));
        await page.EvaluateAsync("source.close()");
    }

    private sealed class Handler(Func<HttpEventChannel> channel) : BaseHttpRequestHandler
    {
        public void DoGet()
        {
            if (Path == "/events")
                SendEvents(channel());
            else
                SendText("<!DOCTYPE html><title>events</title><link rel=icon href=data:,>", "text/html; charset=utf-8");
        }
    }
}
