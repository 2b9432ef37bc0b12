namespace Http.Server.Transport.FileData;

/// <summary>
/// Content ended before what was promised of it, or could not be read to its end: a file was written to while it was sent, say.
/// That is no fault of the server, but what has been sent of the answer cannot be made whole.
/// </summary>
internal sealed class ContentCutException(string message, Exception? inner = null) : EndOfStreamException(message, inner)
{
    /// <summary>Another attempt may find other content.</summary>
    public bool MayBePassing => InnerException is null;

    /// <summary>The content ended.</summary>
    public static ContentCutException Ended() => new("The file became shorter while it was sent");
}
