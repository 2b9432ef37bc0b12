namespace Http.Server.Logging;

/// <summary>Lines for a stream that the caller has opened: standard error, say.</summary>
internal sealed class StreamSink(Stream stream) : ILineSink
{
    public int Write(ReadOnlySpan<byte> lines, out string? problem)
    {
        try
        {
            stream.Write(lines);
            stream.Flush();
            problem = null;
            return lines.Length;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // It is not known how much was written. Mostly this is a terminal or a pipe whose reader is gone.
            problem = exception.Message;
            return 0;
        }
    }

    public int MakeRoom(ReadOnlySpan<byte> lines) => lines.Length;

    public void Reopen()
    {
    }

    public void Dispose() => stream.Dispose();
}
