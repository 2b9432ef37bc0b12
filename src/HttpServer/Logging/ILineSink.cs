namespace Http.Server.Logging;

/// <summary>Where the lines of a log go.</summary>
internal interface ILineSink : IDisposable
{
    /// <summary>Writes whole lines, in as few steps as can be.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="problem">Why not all could be written; null if all were.</param>
    /// <returns>Bytes that were written.</returns>
    int Write(ReadOnlySpan<byte> lines, out string? problem);

    /// <summary>Opens the file that has the sink's name now; a sink without a name does nothing.</summary>
    /// <exception cref="IOException">It cannot be opened; so may <see cref="UnauthorizedAccessException"/> say. The sink goes on
    /// as before.</exception>
    void Reopen();
}
