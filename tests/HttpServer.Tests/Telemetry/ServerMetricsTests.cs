using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Http.Server.Telemetry;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Telemetry;

/// <summary>Figures of a server in the text format of Prometheus.</summary>
public sealed class ServerMetricsTests : IDisposable
{
    private static readonly HttpServerOptions On = new() { MetricsPath = "/metrics" };

    private const string OneActive = """http_server_active_requests{http_request_method="GET",url_scheme="http"} 1""";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Requests_are_told_apart_by_method_status_and_route_and_not_by_path()
    {
        await using var server = ActionHandler.Serve(static handler =>
        {
            handler.Route = "/things/{id}\\\"\n";
            handler.SendText("four", code: 201);
        }, On);
        await server.GetAsync("/things/1");
        await server.GetAsync("/things/2");
        await server.SendAsync("SPAM /things/3 HTTP/1.1\r\nHost: test\r\n\r\n");
        var text = await ScrapeAsync(server, 3);
        const string Route = """http_route="/things/{id}\\\"\n"}""";
        Assert.Contains($$"""http_server_request_duration_seconds_count{http_request_method="GET",url_scheme="http",http_response_status_code="201",{{Route}} 2""", text);
        Assert.Contains($$"""http_server_request_duration_seconds_count{http_request_method="_OTHER",url_scheme="http",http_response_status_code="201",{{Route}} 1""", text);
        Assert.Contains($$"""http_server_request_duration_seconds_bucket{http_request_method="_OTHER",url_scheme="http",http_response_status_code="201",{{Route[..^1]}},le="+Inf"} 1""", text);
        Assert.Contains(OneActive, text);
        // What was scraped before is longer than a KiB, and so not among these.
        Assert.Contains("""http_server_response_body_size_bytes_bucket{le="1024"} 3""", text);
        Assert.DoesNotContain("things/1", string.Concat(text));
    }

    [Fact]
    public async Task A_scrape_is_GET_or_HEAD_is_not_logged_and_keeps_the_connection()
    {
        await using var server = ActionHandler.Serve(static handler => handler.SendText("handler"), On);
        using var client = await server.ConnectAsync();
        await client.SendAsync("HEAD /metrics HTTP/1.1\r\nHost: test\r\n\r\n");
        var head = await client.ReadResponseAsync(isHead: true);
        await client.SendAsync("GET /metrics?a=b HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        await client.SendAsync("POST /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal("handler", (await client.ReadResponseAsync()).Text);
        Assert.Equal((200, 200, "text/plain; version=0.0.4; charset=utf-8", "no-store"), (head.Status, answer.Status, answer["Content-Type"], answer["Cache-Control"]));
        Assert.Equal((null, true), (answer["Connection"], int.Parse(head["Content-Length"]!, CultureInfo.InvariantCulture) > 1000));
        await server.Log.WaitForAsync(static log => !log.Requests.IsEmpty);
        Assert.Equal("POST", Assert.Single(server.Log.Requests).Line.Split(' ')[0]);
    }

    [Fact]
    public async Task A_file_does_not_shadow_them_and_without_the_option_there_is_the_file()
    {
        _folder.Write("metrics", "a file");
        await using (var server = RunningServer.OfDirectory(_folder.Path, options: On))
            Assert.StartsWith("# HELP ", (await server.GetAsync("/metrics")).Text);
        await using (var server = RunningServer.OfDirectory(_folder.Path))
            Assert.Equal("a file", (await server.GetAsync("/metrics")).Text);
    }

    [Fact]
    public async Task Who_may_not_ask_gets_none()
    {
        var users = BasicAuthentication.FromPasswords([new("anna", "secret")]);
        await using (var server = RunningServer.OfDirectory(_folder.Path, options: On with { AllowedAddresses = [IPNetwork.Parse("192.0.2.0/24")] }))
            Assert.Equal(403, (await server.GetAsync("/metrics")).Status);
        await using (var server = RunningServer.OfDirectory(_folder.Path, handler => handler.Authentication = users, On))
        {
            Assert.Equal(401, (await server.GetAsync("/metrics")).Status);
            Assert.Equal(200, (await server.GetAsync("/metrics", "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n")).Status);
        }
    }

    [Fact]
    public async Task At_an_address_of_their_own_there_is_nothing_else_and_at_the_others_they_are_not()
    {
        _folder.Write("a.txt", "content");
        await using var server = RunningServer.OfDirectory(
            _folder.Path, options: On with { MetricsAddresses = [new IPEndPoint(IPAddress.Loopback, 0)], DeniedAddresses = [IPNetwork.Parse("192.0.2.0/24")] });
        await server.GetAsync("/a.txt");
        Assert.Equal(404, (await server.GetAsync("/metrics")).Status);
        var port = ((IPEndPoint)Assert.Single(server.Server.MetricsEndPoints)).Port;
        Assert.Equal(404, (await GetAsync(port, "/a.txt")).Status);
        var text = (await GetAsync(port, "/metrics")).Text;
        Assert.Contains("""http_server_request_duration_seconds_count{http_request_method="GET",url_scheme="http",http_response_status_code="200"} 1""", text);
        Assert.DoesNotContain("http_route", text);
        await server.Server.DisposeAsync();
        await Assert.ThrowsAsync<SocketException>(() => RawClient.ConnectAsync(port));
    }

    [Fact]
    public async Task An_address_that_cannot_be_bound_frees_the_port()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = On with { MetricsAddresses = [taken.LocalEndpoint] };
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var free = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();
        Assert.Throws<ServerStartException>(() => new ThreadingHttpServer(free, static () => new SimpleHttpRequestHandler(), options));
        await using var server = new ThreadingHttpServer(free, static () => new SimpleHttpRequestHandler());
    }

    [Fact]
    public async Task A_connection_that_fails_in_the_middle_is_no_longer_active()
    {
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            await handler.Wfile.WriteAsync("a"u8.ToArray());
            throw new InvalidOperationException("no");
        }, On);
        using (var client = await server.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            await server.Log.WaitForAsync(static log => !log.Messages.IsEmpty);
        }

        var text = await ScrapeAsync(server, 1);
        Assert.Contains(OneActive, text);
    }

    [Fact]
    public void Beyond_2000_series_all_are_one()
    {
        var metrics = new ServerMetrics(static () => default, null);
        for (var n = 0; n < ServerMetrics.MaxSeries + 5; n++)
        {
            metrics.Begin(0, isSecure: false);
            metrics.End(new SeriesKey(0, false, 200, $"/made/{n}"), TimeSpan.FromMilliseconds(6), 0, 1);
        }

        var lines = Write(metrics);
        Assert.Equal(ServerMetrics.MaxSeries + 1, lines.Count(static line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal)));
        Assert.Contains("""http_server_request_duration_seconds_count{otel_metric_overflow="true"} 5""", lines);
        Assert.Contains("""http_server_request_duration_seconds_bucket{otel_metric_overflow="true",le="0.005"} 0""", lines);
        Assert.Contains("""http_server_request_duration_seconds_bucket{otel_metric_overflow="true",le="0.01"} 5""", lines);
        Assert.Contains("""http_server_request_duration_seconds_sum{otel_metric_overflow="true"} 0.03""", lines);
        Assert.Contains($"http_server_response_body_size_bytes_sum {ServerMetrics.MaxSeries + 5}", lines);
    }

    [Fact]
    public void Requests_that_are_counted_at_once_are_all_counted_and_take_no_memory()
    {
        const int Requests = 20_000;
        var metrics = new ServerMetrics(static () => default, null);
        Parallel.For(0, 4, _ =>
        {
            Count(metrics, 1);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Count(metrics, Requests);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Requests);
        });
        var lines = Write(metrics);
        Assert.Contains($$"""http_server_request_duration_seconds_count{http_request_method="GET",url_scheme="https",http_response_status_code="200",http_route="/a"} {{4 * (Requests + 1)}}""", lines);
        Assert.Contains("""http_server_active_requests{http_request_method="GET",url_scheme="http"} 0""", lines);

        static void Count(ServerMetrics metrics, int count)
        {
            for (var n = 0; n < count; n++)
            {
                metrics.Begin(0, isSecure: true);
                metrics.End(new SeriesKey(0, true, 200, "/a"), TimeSpan.FromMilliseconds(1), 0, 1);
            }
        }
    }

    [Fact]
    public void The_threads_of_handlers_are_there_if_a_program_has_such()
    {
        var lines = Write(new ServerMetrics(static () => new ServerFigures(1, 2, 3), static () => (4, 5, 6)));
        Assert.Contains("""http_server_workers{http_server_worker_type="handler",http_server_worker_state="busy"} 4""", lines);
        Assert.Contains("""http_server_workers{http_server_worker_type="handler",http_server_worker_state="idle"} 5""", lines);
        Assert.Contains("""http_server_queue_length{http_server_worker_type="handler"} 6""", lines);
        Assert.Equal(["http_server_open_connections 1", "http_server_max_connections 2", "http_server_connections_total 3"],
            lines.Where(static line => line.StartsWith("http_server_", StringComparison.Ordinal) && line.Contains("_connections", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Prometheus_finds_nothing_wrong()
    {
        var tool = Tool.Require("promtool", "prometheus");
        await using var server = ActionHandler.Serve(static handler =>
        {
            handler.Route = "/a/{b}";
            handler.SendText("four", code: handler.Path == "/fault" ? 500 : 200);
        }, On with { HandlerWorkers = static () => (1, 2, 3) });
        await server.GetAsync("/a/1");
        await server.GetAsync("/fault");
        var start = new ProcessStartInfo(tool, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync((await server.GetAsync("/metrics")).Text);
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, said));
    }

    [Theory]
    [InlineData("metrics")]
    [InlineData("/a b")]
    public void What_is_no_path_is_told_at_the_start(string path) => Assert.Contains("MetricsPath is a path such as /metrics", Assert.Throws<ArgumentException>(
        () => new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), static () => new SimpleHttpRequestHandler(), new() { MetricsPath = path })).Message);

    /// <summary>The lines, as soon as so many requests have ended: an answer comes before its request has.</summary>
    /// <summary>Asks until so many requests are counted and none is active but this one: a request ends a moment after its client has the answer.</summary>
    private static async Task<string[]> ScrapeAsync(RunningServer server, int requests)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var lines = (await server.GetAsync("/metrics")).Text.Split('\n');
            var counted = lines
                .Where(static line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal) && !line.Contains("/metrics", StringComparison.Ordinal))
                .Sum(static line => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
            if (limit.IsCancellationRequested || (counted >= requests && lines.Contains(OneActive)))
                return lines;
        }
    }

    private static async Task<RawResponse> GetAsync(int port, string path)
    {
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    private static string[] Write(ServerMetrics metrics)
    {
        var text = new MetricsText();
        metrics.WriteTo(text);
        return System.Text.Encoding.UTF8.GetString(text.Bytes).Split('\n');
    }
}
