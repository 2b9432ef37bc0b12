using System.Net;
using System.Text;
using Http.Server.Telemetry;
using Http.Server.Transport;

namespace Http.Server;

/// <content>What is told to those who observe the process.</content>
public abstract partial class BaseHttpRequestHandler
{
    private static readonly ServerTelemetry? Observers = TelemetrySwitch.IsOn ? ServerTelemetry.Instance : null;

    private RequestActivity? _measurement;

    /// <summary>
    /// The pattern that the request's path matched, <c>/items/{id}</c> say, for metrics and traces, where a path itself would be one of too many.
    /// Null, as before each request, if there is none; whoever routes sets it.
    /// </summary>
    public string? Route { get; set; }

    private void BeginMeasurement(ServerTelemetry telemetry)
    {
        var measurement = telemetry.Begin(Command, Scheme, Connection.Options.TimeProvider.GetTimestamp());
        _measurement = measurement;
        if (telemetry.IsTraced)
            telemetry.StartActivity(measurement, this, ReadHeader, Describe(measurement));
    }

    private void EndMeasurement()
    {
        var measurement = _measurement!;
        _measurement = null;
        Observers!.End(measurement, new RequestEnd(
            _status,
            Route,
            Head.MinorVersion >= 1 ? "1.1" : "1.0",
            Connection.Options.TimeProvider.GetElapsedTime(measurement.Start),
            Head.IsChunked ? Connection.Body.ChunkedBytes : Math.Max(Head.ContentLength, 0),
            Connection.Response.Written));
    }

    /// <summary>The attributes that are known from the start. Of the query nothing: it may hold secrets.</summary>
    private List<KeyValuePair<string, object?>> Describe(RequestActivity measurement)
    {
        var tags = new List<KeyValuePair<string, object?>>(12)
        {
            new("http.request.method", measurement.Method),
            new("url.scheme", measurement.Scheme),
            new("url.path", Encoding.Latin1.GetString(PathBytes)),
            new("network.protocol.name", "http"),
            new("network.protocol.version", Head.MinorVersion >= 1 ? "1.1" : "1.0"),
        };
        if (measurement.Method != Command)
            tags.Add(new("http.request.method_original", Command));
        if (ClientText != "-")
            tags.Add(new("client.address", ClientText));
        if (PeerAddress is IPEndPoint peer)
            tags.Add(new("network.peer.address", peer.Address.ToString()));
        var host = Host;
        tags.Add(new("server.address", host is null ? Server.ServerName : HasPort(host) ? host[..host.LastIndexOf(':')] : host));
        tags.Add(new("server.port", host is not null && TryGetPort(host, out var port) ? port : ClientFacingPort));
        var agent = Head.Find(HeadBytes, "user-agent"u8, out var hasAgent);
        if (hasAgent)
            tags.Add(new("user_agent.original", Encoding.Latin1.GetString(agent)));
        return tags;
    }

    /// <summary>Reads a header for the propagator. One that may come once alone is not believed if it comes twice (W3C Trace Context, section 3.2).</summary>
    private static void ReadHeader(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        var all = ((BaseHttpRequestHandler)carrier!).Headers.GetAll(name).ToList();
        value = all.Count switch
        {
            0 => null,
            1 => all[0],
            _ => name.Equals("traceparent", StringComparison.OrdinalIgnoreCase) ? null : string.Join(',', all),
        };
        values = null;
    }
}
