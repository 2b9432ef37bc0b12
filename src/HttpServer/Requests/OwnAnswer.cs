using System.Globalization;
using System.Text;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>
/// What the server itself answers at a path of its own. No overridable member takes part, so that neither a busy nor a broken
/// handler class has a say in it.
/// </summary>
internal static class OwnAnswer
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
    /// <param name="isServing">The status is 200, else 503.</param>
    /// <param name="contentType">The media type of the body.</param>
    /// <param name="body">The body.</param>
    public static void Send(
        IHandlerContext context, ResponseHead head, string protocolVersion, string? connectionHeader, bool isServing,
        string contentType, ReadOnlySpan<byte> body)
    {
        var output = context.Connection.Output;
        output.Append(protocolVersion);
        output.Append(isServing ? " 200 OK\r\n"u8 : " 503 Service Unavailable\r\nRetry-After: 1\r\n"u8);
        output.AppendHeader("Date", context.Connection.Clock.HttpDate(context.RequestTime));
        output.AppendHeader("Content-Type", contentType);
        output.Append("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"u8);
        output.AppendHeader("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        if (connectionHeader is not null)
            output.AppendHeader("Connection", connectionHeader);
        output.Append("\r\n"u8);
        head.End(isServing ? 200 : 503);
        context.Connection.Response.Begin(context.Command == "HEAD" ? Framing.None : Framing.Length, body.Length);
        context.Connection.Response.Write(body);
    }
}
