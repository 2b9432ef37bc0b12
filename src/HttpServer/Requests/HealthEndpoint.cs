using System.Text;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>
/// The answer to those who only want to know whether the server works. It tells nothing else, and tells it to all clients. No
/// overridable member takes part, so that neither a password nor a busy or broken handler class can make a server that works look
/// as if it did not.
/// </summary>
internal static class HealthEndpoint
{
    /// <summary>Whether a request is GET or HEAD of the path, written as it is there and in no other way.</summary>
    public static bool IsAskedFor(string command, ReadOnlySpan<byte> target, string path)
    {
        if (command is not ("GET" or "HEAD"))
            return false;
        var mark = target.IndexOf((byte)'?');
        return Ascii.Equals(mark < 0 ? target : target[..mark], path);
    }

    /// <summary>Answers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="head">Told that the answer's head is complete.</param>
    /// <param name="protocolVersion">The handler's.</param>
    /// <param name="connectionHeader">The value of Connection; null for none.</param>
    public static void Answer(IHandlerContext context, ResponseHead head, string protocolVersion, string? connectionHeader)
    {
        var isServing = !context.Server.IsDraining;
        var body = isServing ? "{\"status\":\"ok\"}"u8 : "{\"status\":\"draining\"}"u8;
        var output = context.Connection.Output;
        output.Append(protocolVersion);
        output.Append(isServing ? " 200 OK\r\n"u8 : " 503 Service Unavailable\r\nRetry-After: 1\r\n"u8);
        output.AppendHeader("Date", context.Connection.Clock.HttpDate(context.RequestTime));
        output.Append("Content-Type: application/json\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"u8);
        output.AppendHeader("Content-Length", isServing ? "15" : "21");
        if (connectionHeader is not null)
            output.AppendHeader("Connection", connectionHeader);
        output.Append("\r\n"u8);
        head.End(isServing ? 200 : 503);
        context.Connection.Response.Begin(context.Command == "HEAD" ? Framing.None : Framing.Length, body.Length);
        context.Connection.Response.Write(body);
    }
}
