using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Telemetry;

/// <summary>Other tests' servers are observed as well: each test looks for what bears its own route.</summary>
public sealed class ServerTelemetryTests
{
    [Fact]
    public async Task A_request_is_measured_by_the_names_of_OpenTelemetry()
    {
        var route = "/measured/{id}/" + Guid.NewGuid();
        var measured = new ConcurrentQueue<(string Name, double Value, string Tags)>();
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => Enable(instrument, listener) };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        await using (var server = ActionHandler.Serve(handler =>
        {
            handler.Route = route;
            handler.Rfile.CopyTo(Stream.Null);
            handler.SendText("four", code: 201);
        }))
        {
            await server.SendAsync("POST /measured/1 HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
            await server.Log.WaitForAsync(log => !log.Requests.IsEmpty);
        }

        var own = measured.Where(one => one.Tags.Contains(route, StringComparison.Ordinal)).ToList();
        Assert.Equal(["http.server.request.body.size 3", "http.server.request.duration", "http.server.response.body.size 4"],
            own.Select(one => one.Name + (one.Name.EndsWith("duration", StringComparison.Ordinal) ? "" : string.Create(CultureInfo.InvariantCulture, $" {one.Value}"))).Order());
        Assert.All(own, one => Assert.Equal(
            $"http.request.method=POST http.response.status_code=201 http.route={route} network.protocol.name=http network.protocol.version=1.1 url.scheme=http", one.Tags));
        Assert.Contains(measured, one => one is ("http.server.active_requests", 1, "http.request.method=POST url.scheme=http"));
        Assert.Contains(measured, one => one is ("http.server.active_requests", -1, "http.request.method=POST url.scheme=http"));

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => measured.Enqueue(
            (instrument.Name, value, string.Join(' ', tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))));
    }

    [Fact]
    public async Task A_request_is_an_activity_within_the_clients_trace_and_around_the_handler()
    {
        var route = "/traced/" + Guid.NewGuid();
        var ended = new ConcurrentQueue<Activity>();
        using var listener = Listen(ended);
        ActivityContext seen = default;
        await using (var server = ActionHandler.Serve(handler =>
        {
            seen = Activity.Current?.Context ?? default;
            handler.Route = route;
            handler.SendText("a");
        }, new() { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] }))
        {
            await server.GetAsync("/a%20b?secret=1", "User-Agent: test\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=b\r\n"
                + "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: example.com\r\n");
            await server.Log.WaitForAsync(log => !log.Requests.IsEmpty);
        }

        var activity = Assert.Single(ended, activity => activity.DisplayName == "GET " + route);
        Assert.Equal(activity.Context.SpanId, seen.SpanId);
        Assert.Equal((ActivityKind.Server, "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "a=b", ActivityStatusCode.Unset),
            (activity.Kind, activity.TraceId.ToHexString(), activity.ParentSpanId.ToHexString(), activity.TraceStateString, activity.Status));
        var tags = activity.TagObjects.ToDictionary(tag => tag.Key, tag => $"{tag.Value}");
        Assert.Equal(new Dictionary<string, string>
        {
            ["http.request.method"] = "GET",
            ["http.response.status_code"] = "200",
            ["http.route"] = route,
            ["url.scheme"] = "https",
            ["url.path"] = "/a%20b",
            ["network.protocol.name"] = "http",
            ["network.protocol.version"] = "1.1",
            ["network.peer.address"] = "127.0.0.1",
            ["client.address"] = "192.0.2.1",
            ["server.address"] = "example.com",
            ["server.port"] = "443",
            ["user_agent.original"] = "test",
        }.OrderBy(tag => tag.Key), tags.OrderBy(tag => tag.Key));
    }

    [Theory]
    [InlineData("traceparent: nonsense\r\n")]
    [InlineData("traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n")]
    [InlineData("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n")]
    public async Task A_malformed_parent_begins_a_trace_of_its_own_and_a_fault_is_an_error(string headers)
    {
        var path = "/faulty-" + Guid.NewGuid();
        var ended = new ConcurrentQueue<Activity>();
        using var listener = Listen(ended);
        await using (var server = ActionHandler.Serve(_ => throw new InvalidOperationException("no")))
        {
            Assert.Equal(500, (await server.SendAsync($"SPAM {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n")).Status);
            await server.Log.WaitForAsync(log => !log.Requests.IsEmpty);
        }

        var activity = Assert.Single(ended, activity => (string?)activity.GetTagItem("url.path") == path);
        Assert.Equal(default, activity.ParentSpanId);
        Assert.Equal(("HTTP", "_OTHER", "SPAM", "System.InvalidOperationException", ActivityStatusCode.Error), (activity.DisplayName,
            activity.GetTagItem("http.request.method"), activity.GetTagItem("http.request.method_original"), activity.GetTagItem("error.type"), activity.Status));
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> ended)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Http.Server",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Http.Server")
            listener.EnableMeasurementEvents(instrument);
    }
}
