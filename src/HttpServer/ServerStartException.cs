namespace Http.Server;

/// <summary>
/// The server cannot start as it was told to. The message names the address or the file, the cause and a
/// remedy.
/// </summary>
public sealed class ServerStartException : IOException
{
    internal ServerStartException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Whether it is about an address with a port, which another port may spare.</summary>
    internal bool IsAtPort { get; init; }
}
