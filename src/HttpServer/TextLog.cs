using Http.Server.Logging;

namespace Http.Server;

/// <summary>
/// Writes the log as lines of text to a stream. Lines are gathered and written by one thread of its own, so a request never waits
/// for a disk; control characters, and bytes that are no UTF-8, are escaped in every format.
/// </summary>
public sealed class TextLog : IHttpLog, IDisposable
{
    private const int DefaultKeep = 5;

    private static readonly Lazy<TextLog> SharedStandardError = new(static () =>
    {
        var log = new TextLog(OpenStandardError());
        AppDomain.CurrentDomain.ProcessExit += (_, _) => log.Flush();
        return log;
    });

    private readonly LineWriter _writer;
    private readonly LogLineFormatter _formatter;

    /// <summary>Makes a log on a stream.</summary>
    /// <param name="stream">Takes the lines in UTF-8; disposed with the log.</param>
    /// <param name="format">The form of request lines.</param>
    /// <param name="color">Whether statuses are coloured for a terminal; for <see cref="LogFormat.Python"/> alone.</param>
    /// <param name="waitWhenFull">
    /// What happens when the stream is slower than the requests for long: true waits, so that no line is lost (a file); false
    /// drops lines and says how many (a terminal, which a user's selection can halt).
    /// </param>
    /// <param name="priorities">
    /// Whether each line begins with its priority, <c>&lt;6&gt;</c> for a request, as the journal of systemd reads it
    /// (sd-daemon(3)).
    /// </param>
    public TextLog(
        Stream stream, LogFormat format = LogFormat.Python, bool color = false, bool waitWhenFull = false,
        bool priorities = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _formatter = new LogLineFormatter(format, color, priorities);
        _writer = new LineWriter(new StreamSink(stream), waitWhenFull, MakeNote);
    }

    /// <summary>
    /// Makes a log in a file, which is made if there is none, and appended to: several processes may write the same one, and it
    /// may be cut off meanwhile. No line is dropped but those that the disk does not take, a full one say; the log goes on when
    /// it does again, and says how many are missing.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="format">The form of request lines.</param>
    /// <param name="maxSize">
    /// Bytes from which on a line goes into a new file, and the file is renamed to its name and <c>.1</c>; the former <c>.1</c>
    /// becomes <c>.2</c>, and so on. 0, the default, for a file that is not renamed.
    /// </param>
    /// <param name="keep">How many files stay beside the one that is written, at least 1; default 5. The oldest goes.</param>
    /// <exception cref="IOException">The file cannot be opened or written to; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public TextLog(string path, LogFormat format = LogFormat.Python, long maxSize = 0, int keep = DefaultKeep)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        _formatter = new LogLineFormatter(format, color: false);
        var file = new LogFile(path, maxSize, keep);
        try
        {
            _writer = new LineWriter(file, waitWhenFull: true, MakeNote);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The process's log on standard error, in Python's format.</summary>
    public static TextLog StandardError => SharedStandardError.Value;

    /// <summary>The least grave level that is written; default <see cref="LogLevel.Information"/>.</summary>
    public LogLevel MinimumLevel { get; init; } = LogLevel.Information;

    /// <summary>Whether requests are written, or messages alone; default true.</summary>
    public bool WriteRequests { get; init; } = true;

    /// <inheritdoc/>
    public bool TakesRequests => WriteRequests;

    /// <inheritdoc/>
    public void Request(in RequestRecord record)
    {
        if (WriteRequests)
            _writer.Write(_formatter.Format(record));
    }

    /// <inheritdoc/>
    public void Message(LogLevel level, string? client, string message)
    {
        if (level >= MinimumLevel)
            _writer.Write(_formatter.Format(level, client, message));
    }

    /// <summary>Waits until all lines so far are written.</summary>
    public void Flush() => _writer.Flush();

    /// <summary>
    /// Opens the log's file anew, for one that has been renamed to make room for a new one of its name. What was logged before
    /// lies in the old file, what is logged from now on in the new one. If it cannot be opened, the log goes on in the old file
    /// and says so there. A log on a stream goes on as it is.
    /// </summary>
    public void Reopen() => _writer.Reopen();

    /// <summary>Writes what waits and closes the stream.</summary>
    public void Dispose() => _writer.Dispose();

    private byte[] MakeNote(string text) => _formatter.Format(LogLevel.Warning, null, text).ToArray();

    /// <summary>
    /// Nothing can be told to a process's standard error that was closed when it started; that is no reason not to
    /// start.
    /// </summary>
    private static Stream OpenStandardError()
    {
        try
        {
            return Console.OpenStandardError();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Stream.Null;
        }
    }
}
