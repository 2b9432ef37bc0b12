using System.Globalization;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Logging.</content>
public abstract partial class BaseHttpRequestHandler
{
    /// <summary>What messages about the handler's own faults call it; the name of its class by default.</summary>
    protected virtual string LogName => GetType().Name;

    /// <summary>
    /// Called once for each request when its answer has been sent. This one tells the server's log; a class with its own
    /// <see cref="LogMessage"/> is told in Python's words instead.
    /// </summary>
    /// <param name="code">The status; 0 if there was no answer.</param>
    /// <param name="size">Bytes of the body.</param>
    public virtual void LogRequest(int code, long size)
    {
        if (_logsByItself)
        {
            LogMessage("\"{0}\" {1} {2}", RequestLine, code, size);
            return;
        }

        var log = Connection.Options.Log;
        if (!log.TakesRequests)
            return;
        var head = Head;
        var bytes = HeadBytes;
        var record = new RequestRecord
        {
            Connection = Connection.Number,
            Number = RequestNumber,
            Time = _requestTime,
            Elapsed = Connection.Options.TimeProvider.GetElapsedTime(_requestStart),
            Client = AddressString(),
            IsSecure = IsSecure,
            Host = HostBytes,
            User = RemoteUser,
            RequestLine = head.RequestLine.Of(bytes),
            Status = code,
            BodyBytes = size,
            Referer = head.Find(bytes, "referer"u8, out _),
            UserAgent = head.Find(bytes, "user-agent"u8, out _),
        };
        log.Request(record);
    }

    /// <summary>
    /// Logs what went wrong: a handler's mistake, and, in a class with a log method of its own, each <see cref="SendError"/>, as in
    /// Python. Passes on to an override of <see cref="LogMessage"/>, else to the server's log as an error.
    /// </summary>
    /// <param name="format">A .NET composite format.</param>
    /// <param name="args">Its arguments.</param>
    public virtual void LogError(string format, params object?[] args)
    {
        if (_logsByItself)
            LogMessage(format, args);
        else
            Connection.Options.Log.Message(LogLevel.Error, AddressString(), Format(format, args));
    }

    /// <summary>Logs a message with the client's address; control characters are escaped where it is shown.</summary>
    /// <param name="format">A .NET composite format.</param>
    /// <param name="args">Its arguments.</param>
    public virtual void LogMessage(string format, params object?[] args) => Connection.Options.Log.Message(
        LogLevel.Information, AddressString(), Format(format, args));

    /// <summary>The time in the form of Python's log: <c>23/Nov/2026 09:30:00</c>, local.</summary>
    public virtual string LogDateTimeString() =>
        Connection.Options.TimeProvider.GetLocalNow().ToString("dd/MMM/yyyy HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The client's address as text, without its port; <c>-</c> for a Unix domain socket. No name is looked up.</summary>
    public virtual string AddressString() => ClientText;

    private static string Format(string format, object?[] args) =>
        args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
}
