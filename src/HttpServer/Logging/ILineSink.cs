namespace Http.Server.Logging;

/// <summary>Where the lines of a log go.</summary>
internal interface ILineSink : IDisposable
{
    /// <summary>Writes whole lines, in as few steps as can be.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="problem">Why not all could be written; null if all were.</param>
    /// <returns>Bytes that were written.</returns>
    int Write(ReadOnlySpan<byte> lines, out string? problem);

    /// <summary>
    /// How many of the bytes, whole lines, are to be written next; the rest is asked for again. A log that is kept small begins a
    /// new file here.
    /// </summary>
    /// <param name="lines">What is to be written, at least one line.</param>
    /// <exception cref="IOException">No new file can be begun; so may <see cref="UnauthorizedAccessException"/> say. The sink
    /// goes on as before, and takes all.</exception>
    int MakeRoom(ReadOnlySpan<byte> lines);

    /// <summary>Opens the file that has the sink's name now; a sink without a name does nothing.</summary>
    /// <exception cref="IOException">It cannot be opened; so may <see cref="UnauthorizedAccessException"/> say. The sink goes on
    /// as before.</exception>
    void Reopen();
}
