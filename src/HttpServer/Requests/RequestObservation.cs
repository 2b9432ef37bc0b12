using System.Net;
using System.Text;
using Http.Server.Telemetry;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>What those who observe the process are told of one request.</summary>
internal sealed class RequestObservation
{
    private static readonly ServerTelemetry? Observers = TelemetrySwitch.IsOn ? ServerTelemetry.Instance : null;

    private readonly RequestActivity _activity;

    private RequestObservation(RequestActivity activity) => _activity = activity;

    /// <summary>Whether anything observes requests: asked once a request, and nothing else is done if nothing does.</summary>
    public static bool IsWanted => Observers is { IsOn: true };

    /// <summary>Begins to observe a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="client">Who asks.</param>
    public static RequestObservation Begin(IHandlerContext context, ClientInfo client)
    {
        var scheme = client.IsSecure(context.Server) ? "https" : "http";
        var activity = Observers!.Begin(context.Command, scheme, context.Connection.Options.TimeProvider.GetTimestamp());
        if (Observers.IsTraced)
            Observers.StartActivity(activity, context, ReadHeader, Describe(activity, context, client));
        return new(activity);
    }

    /// <summary>Tells what the handler threw.</summary>
    public void RecordFault(Exception exception) => _activity.Fault = exception.GetType().FullName;

    /// <summary>Ends with the request.</summary>
    public void End(IHandlerContext context, int status, string? route)
    {
        var connection = context.Connection;
        var head = connection.Input.Head;
        Observers!.End(_activity, new RequestEnd(
            status,
            route,
            head.MinorVersion >= 1 ? "1.1" : "1.0",
            connection.Options.TimeProvider.GetElapsedTime(_activity.Start),
            RequestMeter.BodyLength(connection),
            connection.Response.Written));
    }

    /// <summary>The attributes that are known from the start. Of the query nothing: it may hold secrets.</summary>
    private static List<KeyValuePair<string, object?>> Describe(RequestActivity activity, IHandlerContext context,
        ClientInfo client)
    {
        var connection = context.Connection;
        var head = connection.Input.Head;
        var bytes = connection.Input.HeadBytes;
        var target = head.PathAndQuery.Of(bytes);
        var mark = target.IndexOf((byte)'?');
        var tags = new List<KeyValuePair<string, object?>>(12)
        {
            new("http.request.method", activity.Method),
            new("url.scheme", activity.Scheme),
            new("url.path", Encoding.Latin1.GetString(mark < 0 ? target : target[..mark])),
            new("network.protocol.name", "http"),
            new("network.protocol.version", head.MinorVersion >= 1 ? "1.1" : "1.0"),
        };
        if (activity.Method != context.Command)
            tags.Add(new("http.request.method_original", context.Command));
        if (client.TextOf(connection) is not "-" and var address)
            tags.Add(new("client.address", address));
        if (connection.Peer is IPEndPoint peer)
            tags.Add(new("network.peer.address", peer.Address.ToString()));
        var host = client.FindHost(connection, context.Server);
        tags.Add(new("server.address", host is null ? context.Server.ServerName : ClientInfo.HasPort(host)
            ? host[..host.LastIndexOf(':')]
            : host));
        tags.Add(new("server.port", host is not null
            && ClientInfo.TryGetPort(host, out var port) ? port : client.FindPort(connection, context.Server)));
        var agent = head.Find(bytes, "user-agent"u8, out var hasAgent);
        if (hasAgent)
            tags.Add(new("user_agent.original", Encoding.Latin1.GetString(agent)));
        return tags;
    }

    /// <summary>
    /// Reads a header for the propagator. One that may come once alone is not believed if it comes twice (W3C Trace
    /// Context, section 3.2).
    /// </summary>
    private static void ReadHeader(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        var all = ((IHandlerContext)carrier!).Headers.GetAll(name).ToList();
        value = all.Count switch
        {
            0 => null,
            1 => all[0],
            _ => name.Equals("traceparent", StringComparison.OrdinalIgnoreCase) ? null : string.Join(',', all),
        };
        values = null;
    }
}
