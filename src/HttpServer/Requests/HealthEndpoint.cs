using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>
/// The answer to those who only want to know whether the server works. It tells nothing else, and tells it to all clients.
/// </summary>
internal static class HealthEndpoint
{
    /// <summary>Answers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isLiveness">A server that drains is as well as any other: nobody is to end it for that.</param>
    /// <param name="head">Told that the answer's head is complete.</param>
    /// <param name="protocolVersion">The handler's.</param>
    /// <param name="connectionHeader">The value of Connection; null for none.</param>
    public static void Answer(
        IHandlerContext context, bool isLiveness, ResponseHead head, string protocolVersion, string? connectionHeader)
    {
        var isServing = isLiveness || !context.Server.IsDraining;
        OwnAnswer.Send(context, head, protocolVersion, connectionHeader, isServing, "application/json",
            isServing ? "{\"status\":\"ok\"}"u8 : "{\"status\":\"draining\"}"u8);
    }
}
