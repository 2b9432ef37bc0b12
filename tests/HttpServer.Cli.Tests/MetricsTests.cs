using System.Globalization;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Metrics of the command line, at its own address and at another one.</summary>
public sealed class MetricsTests : IDisposable
{
    private const string Count = """http_server_request_duration_seconds_count{http_request_method="GET",url_scheme="http",http_response_status_code="200"} 1""";

    private readonly TempDirectory _folder = new();

    public MetricsTests()
    {
        _folder.Write("a.txt", "content");
        _folder.Write("metrics", "a file");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_path_has_the_figures_in_place_of_a_file()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--metrics", "/metrics");
        await program.GetAsync("/a.txt");
        var answer = await program.GetAsync("/metrics");
        Assert.Equal((200, "text/plain; version=0.0.4; charset=utf-8"), (answer.Status, answer["Content-Type"]));
        foreach (var name in (string[])["http_server_request_duration_seconds", "http_server_active_requests", "http_server_open_connections",
            "http_server_request_body_size_bytes", "http_server_response_body_size_bytes", "http_server_workers", "http_server_queue_length",
            "dotnet_gc_collections_total", "dotnet_process_cpu_time_seconds_total", "dotnet_process_memory_working_set_bytes"])
            Assert.Contains($"# TYPE {name} ", answer.Text);
        await WaitForAsync(program.Port, Count);
        var result = await program.StopAsync();
        Assert.Contains("a.txt", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task Without_the_option_there_is_the_file()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path);
        Assert.Equal("a file", (await program.GetAsync("/metrics")).Text);
    }

    [Fact]
    public async Task An_address_of_their_own_is_announced_and_has_nothing_else()
    {
        await using var program = await ServerProgram.ServeAsync(
            "0", "-b", "127.0.0.1", "-d", _folder.Path, "--metrics", "/metrics", "--metrics-bind", "127.0.0.1:0");
        var announced = new Uri((await program.ReadOutputLineAsync()).Split(' ')[^1]);
        Assert.Equal("/metrics", announced.AbsolutePath);
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
        Assert.Equal("a file", (await program.GetAsync("/metrics")).Text);
        await WaitForAsync(announced.Port, Count.Replace("} 1", "} 2", StringComparison.Ordinal));
        using var client = await RawClient.ConnectAsync(announced.Port);
        await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(404, (await client.ReadResponseAsync()).Status);
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task Clients_that_may_not_ask_get_none()
    {
        await using var program = await ServerProgram.ServeAsync(
            "0", "-b", "127.0.0.1", "-d", _folder.Path, "--metrics", "/metrics", "--metrics-bind", "127.0.0.1:0", "--deny", "127.0.0.1");
        var port = int.Parse((await program.ReadOutputLineAsync()).Split(':', '/')[^2], CultureInfo.InvariantCulture);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(403, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("--metrics takes a path such as /healthz, not 'metrics'.", "--metrics", "metrics")]
    [InlineData("--metrics-bind says where metrics are served, but none are: add --metrics PATH, /metrics say.", "--metrics-bind", ":9100")]
    [InlineData("--metrics-bind takes an address and a port such as localhost:9100 or [::1]:9100, :9100 for all interfaces, or unix:PATH, not '9100'.", "--metrics", "/m", "--metrics-bind", "9100")]
    [InlineData("--metrics-bind takes an address and a port such as localhost:9100 or [::1]:9100, :9100 for all interfaces, or unix:PATH, not '::1'.", "--metrics", "/m", "--metrics-bind", "::1")]
    [InlineData("--metrics-bind takes an address and a port such as localhost:9100 or [::1]:9100, :9100 for all interfaces, or unix:PATH, not 'localhost:99999'.", "--metrics", "/m", "--metrics-bind", "localhost:99999")]
    [InlineData("--metrics-bind takes an address and a port such as localhost:9100 or [::1]:9100, :9100 for all interfaces, or unix:PATH, not 'unix:'.", "--metrics", "/m", "--metrics-bind", "unix:")]
    public async Task What_makes_no_sense_is_said_in_one_line(string problem, params string[] arguments)
    {
        var result = await ServerProgram.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"httpserver: {problem} Try 'httpserver --help'.", Assert.Single(result.ErrorLines));
    }

    /// <summary>Asks until a line is there: an answer comes a moment before its request has ended.</summary>
    private static async Task WaitForAsync(int port, string line)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = await RawClient.ConnectAsync(port);
        while (true)
        {
            await client.SendAsync("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n");
            if ((await client.ReadResponseAsync()).Text.Split('\n').Contains(line))
                return;
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
