using Http.Server.Protocol;

namespace Http.Server;

/// <summary>
/// A request cannot be answered as it asks, and that is no error of the handler's: the client broke the protocol or a limit while
/// its body was read, or the handler says so itself. The client gets <see cref="Status"/> if no answer has begun. The connection
/// goes on if what is left of the body does not hinder it.
/// </summary>
public sealed class RequestFaultException : IOException
{
    /// <summary>Makes a fault for a handler to throw.</summary>
    /// <param name="status">The status for the client, 400 to 599.</param>
    /// <param name="message">What is wrong, for the error page; without a full stop.</param>
    /// <param name="innerException">What it came from; not told to the client.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is none of an error.</exception>
    public RequestFaultException(int status, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        Status = status;
    }

    internal RequestFaultException(RequestFault fault)
        : base(fault.Reason) => Status = fault.Status;

    /// <summary>The status that the client is answered; of the server's own faults 400, 408, 413 or 431.</summary>
    public int Status { get; }
}
