using System.Collections.Concurrent;
using System.Text;

namespace Http.Server.Host.Tests;

/// <summary>OpenTelemetry's own packages, loaded by a script, send what the server tells them on by OTLP.</summary>
public sealed class OpenTelemetryTests : IDisposable
{
    private const string Script = """
        param([string] $Packages)
        foreach ($name in 'OpenTelemetry', 'OpenTelemetry.Exporter.OpenTelemetryProtocol') {
            Add-Type -Path (Join-Path $Packages "$name.dll")
        }
        $builder = [OpenTelemetry.Sdk]::CreateMeterProviderBuilder()
        $null = $builder.AddMeter('Http.Server')
        $null = [OpenTelemetry.Metrics.OtlpMetricExporterExtensions]::AddOtlpExporter($builder)
        $metrics = [OpenTelemetry.Metrics.MeterProviderBuilderExtensions]::Build($builder)
        $builder = [OpenTelemetry.Sdk]::CreateTracerProviderBuilder()
        $null = $builder.AddSource('Http.Server')
        $null = [OpenTelemetry.Trace.OtlpTraceExporterHelperExtensions]::AddOtlpExporter($builder)
        $traces = [OpenTelemetry.Trace.TracerProviderBuilderExtensions]::Build($builder)
        Register-HttpHandler GET '/things/{id}' { param($id) "thing $id" }
        try {
            Start-HttpServer -NoFiles -Port 0 -Bind 127.0.0.1 -Wait
        } finally {
            # Sends what has not been sent yet.
            $metrics.Dispose()
            $traces.Dispose()
        }
        """;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Metrics_and_traces_go_by_OTLP_to_a_collector()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = ActionHandler.ServeAsync(async handler =>
        {
            using var body = new MemoryStream();
            await handler.Rfile.CopyToAsync(body);
            // The texts of a message of Protocol Buffers stand in it as they are.
            received[handler.Path] = Encoding.Latin1.GetString(body.ToArray());
            handler.SendResponse(200);
            handler.SendHeader("Content-Type", "application/x-protobuf");
            handler.SendHeader("Content-Length", "0");
            handler.EndHeaders();
        });
        var script = _folder.Write("server.ps1", Script);
        await using var host = HostProcess.StartProgram("/bin/sh", _folder.Path, new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
            ["HOME"] = _folder.Path,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }, "-c", $"exec dotnet '{Path.Combine(HostProcess.Folder, "httpserver-host.dll")}' '{script}' '{AppContext.BaseDirectory}'");
        var address = await host.WaitForAddressAsync();
        Assert.StartsWith("thing 7", await HostProcess.GetAsync(new Uri(address, "things/7")));
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
        Assert.Equal(["/v1/metrics", "/v1/traces"], received.Keys.Order());
        foreach (var name in (string[])["http.server.request.duration", "http.server.active_requests", "http.server.response.body.size", "http.route", "/things/{id}"])
            Assert.Contains(name, received["/v1/metrics"]);
        Assert.Contains("GET /things/{id}", received["/v1/traces"]);
        Assert.DoesNotContain("things/7", received["/v1/metrics"]);
    }
}
