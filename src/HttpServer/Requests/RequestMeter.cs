using Http.Server.Telemetry;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>Measures the requests of one connection, one after the other, for the metrics of its server.</summary>
internal sealed class RequestMeter(ServerMetrics metrics)
{
    private const int None = -1;

    private int _method = None;
    private bool _isSecure;
    private long _start;

    /// <summary>A request has been read.</summary>
    /// <param name="context">The request.</param>
    /// <param name="client">Who asks.</param>
    public void Begin(IHandlerContext context, ClientInfo client)
    {
        _method = ServerMetrics.IndexOf(context.Command);
        _isSecure = client.IsSecure(context.Server);
        _start = context.Connection.Options.TimeProvider.GetTimestamp();
        metrics.Begin(_method, _isSecure);
    }

    /// <summary>It has ended. Nothing happens if it has been told before, or none had begun.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">0 if there was no answer.</param>
    /// <param name="route">The pattern that the path matched; null if none is known.</param>
    public void End(IHandlerContext context, int status, string? route)
    {
        if (_method == None)
            return;
        var connection = context.Connection;
        metrics.End(new SeriesKey(_method, _isSecure, status, route), connection.Options.TimeProvider.GetElapsedTime(_start),
            BodyLength(connection), connection.Response.Written);
        _method = None;
    }

    /// <summary>The length of a request's body as declared, or as far as its chunks were read.</summary>
    public static long BodyLength(Connection connection)
    {
        var head = connection.Input.Head;
        return head.IsChunked ? connection.Body.ChunkedBytes : Math.Max(head.ContentLength, 0);
    }
}
