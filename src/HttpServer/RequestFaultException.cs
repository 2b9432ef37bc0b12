namespace Http.Server;

/// <summary>
/// The client broke the protocol or a limit while its request body was read. A handler may let it pass: the client gets
/// <see cref="Status"/> if no answer has begun, and the connection is closed.
/// </summary>
public sealed class RequestFaultException : IOException
{
    internal RequestFaultException(Text.RequestFault fault)
        : base(fault.Reason) => Fault = fault;

    /// <summary>The status that the client is answered: 400, 408, 413 or 431.</summary>
    public int Status => Fault.Status;

    internal Text.RequestFault Fault { get; }
}
