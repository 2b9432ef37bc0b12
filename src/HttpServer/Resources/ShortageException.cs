namespace Http.Server.Resources;

/// <summary>
/// Something could not be done for want of a resource of the process or the system; that is no fault of the client or the
/// handler, and passes.
/// </summary>
internal sealed class ShortageException(string what, Exception? innerException = null) : IOException($"There are too few {what}",
    innerException)
{
    /// <summary>What there is too little of: <c>file descriptors of this process</c>.</summary>
    public string What { get; } = what;
}
