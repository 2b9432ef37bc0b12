using System.Text;
using Http.Server.Transport;

namespace Http.Server;

/// <content>The answer to those who only want to know whether the server works.</content>
public abstract partial class BaseHttpRequestHandler
{
    private bool _isHealthCheck;

    private ReadOnlySpan<byte> PathBytes
    {
        get
        {
            var target = Head.PathAndQuery.Of(HeadBytes);
            return target.IndexOf((byte)'?') is >= 0 and var mark ? target[..mark] : target;
        }
    }

    /// <summary>Whether this is GET or HEAD of <see cref="HttpServerOptions.HealthPath"/>, written as it is there and in no other way.</summary>
    private bool AsksForHealth(string path) => Command is "GET" or "HEAD" && Ascii.Equals(PathBytes, path);

    /// <summary>
    /// Answers a health check, whoever asks: it tells nothing but that the server works. No overridable member takes part, so that neither a
    /// password nor a busy or broken handler class can make a server that works look as if it did not.
    /// </summary>
    private void AnswerHealth()
    {
        _isHealthCheck = true;
        var isServing = !Server.IsDraining;
        CloseConnection = EndsConnection();
        _status = isServing ? 200 : 503;
        var body = isServing ? "{\"status\":\"ok\"}"u8 : "{\"status\":\"draining\"}"u8;
        var output = Connection.Output;
        output.Append(ProtocolVersion);
        output.Append(isServing ? " 200 OK\r\n"u8 : " 503 Service Unavailable\r\nRetry-After: 1\r\n"u8);
        output.AppendHeader("Date", Connection.Clock.HttpDate(_requestTime));
        output.Append("Content-Type: application/json\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"u8);
        output.AppendHeader("Content-Length", isServing ? "15" : "21");
        if (CloseConnection && IsHttp11Server)
            output.Append("Connection: close\r\n"u8);
        else if (!CloseConnection && !IsHttp11Request)
            output.Append("Connection: keep-alive\r\n"u8);
        output.Append("\r\n"u8);
        _head = HeadState.Ended;
        Connection.Response.Begin(Command == "HEAD" ? Framing.None : Framing.Length, body.Length);
        Connection.Response.Write(body);
    }
}
