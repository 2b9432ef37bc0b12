using Http.Server.Resources;
using Http.Server.State;
using Http.Server.Transport.FileData;

namespace Http.Server.Requests;

/// <summary>What an exception of a request means for its answer, and what the log is told of it.</summary>
internal static class RequestFailure
{
    /// <summary>Tells the log what has gone wrong, as far as it is worth a line.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="handler">The handler of the request.</param>
    /// <param name="client">The client for the log.</param>
    /// <param name="clientLeft">The client has left, and that is all that is wrong.</param>
    /// <returns>The status of the answer: the client's own fault, 503 for what passes, or 500.</returns>
    public static int Report(Exception exception, IRequestHandler handler, string client, bool clientLeft)
    {
        var (connection, log) = (handler.Connection, handler.Connection.Options.Log);
        var shortage = clientLeft ? null : Shortage.Of(exception);
        var status = exception switch
        {
            RequestFaultException fault => fault.Status,
            // A client that asks again finds the file whole.
            ContentCutException { MayBePassing: true } or HttpStateStoreException => 503,
            _ => shortage is null ? 500 : 503,
        };
        if (shortage is not null)
            connection.Shortage?.Report(shortage, "requests are answered 503");
        if (clientLeft)
            log.Message(LogLevel.Debug, client, $"The client left: {exception.Message}");
        else if (exception is ContentCutException or HttpStateStoreException)
            log.Message(LogLevel.Warning, client, $"\"{handler.RequestLine}\": {exception.Message.TrimEnd('.')}.");
        else if (status == 500)
            log.Fault(client, RequestRecord.FormatId(connection.Number, connection.RequestCount),
                $"{handler.LogName} failed at \"{handler.RequestLine}\"", exception);
        return status;
    }
}
