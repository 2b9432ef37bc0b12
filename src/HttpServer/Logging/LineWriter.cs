using System.Globalization;
using System.Text;

namespace Http.Server.Logging;

/// <summary>
/// Gathers lines from many threads and writes them on one thread of its own, which is there from the beginning: later
/// there may be none.
/// </summary>
internal sealed class LineWriter : IDisposable
{
    /// <summary>What may wait: some 40,000 lines. More means that the stream has stopped or is far too slow.</summary>
    private const int Capacity = 4 * 1024 * 1024;

    /// <summary>
    /// How long the first line waits for company, in milliseconds. So short a delay is not seen; without it the writer would be
    /// woken for every line, which costs more than the request it tells of.
    /// </summary>
    private const int GatherTime = 25;

    /// <summary>Bytes that are written without waiting for more.</summary>
    private const int WorthWriting = 64 * 1024;

    private readonly Lock _flushing = new();
    private readonly object _gate = new();
    private readonly ILineSink _sink;
    private readonly bool _waitWhenFull;
    private readonly Func<string, byte[]> _makeNote;
    private readonly Thread _thread;
    private byte[] _waiting = new byte[8 * 1024];
    private byte[] _spare = new byte[8 * 1024];
    private int _count;
    private long _dropped;
    private long _taken;
    private long _written;
    private bool _hurry;
    private bool _reopens;
    private bool _closed;

    // Used by the writing thread alone: how many lines could not be written since the last note about it, why, and whether a
    // part of one was written.
    private long _missing;
    private string? _problem;
    private bool _isMidLine;

    /// <param name="sink">Where the lines go; disposed with the writer.</param>
    /// <param name="waitWhenFull">Whether <see cref="Write"/> waits for a slow sink; else lines are dropped.</param>
    /// <param name="makeNote">Makes a line of a note about lines that are missing; null for the note as it is.</param>
    public LineWriter(ILineSink sink, bool waitWhenFull, Func<string, byte[]>? makeNote = null)
    {
        _sink = sink;
        _waitWhenFull = waitWhenFull;
        _makeNote = makeNote ?? (static note => Encoding.UTF8.GetBytes($"({note})\n"));
        _thread = new Thread(Run) { IsBackground = true, Name = "HttpServer log" };
        _thread.Start();
    }

    public void Write(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            // A line longer than all the room finds it empty at last, and is taken.
            while (_waitWhenFull && _count > 0 && _count + line.Length > Capacity && !_closed)
                Monitor.Wait(_gate);
            if (_closed)
                return;
            if (!_waitWhenFull && _count + line.Length > Capacity)
            {
                _dropped++;
                return;
            }

            if (_count + line.Length > _waiting.Length)
                Array.Resize(ref _waiting, Math.Max(_waiting.Length * 2, _count + line.Length));
            line.CopyTo(_waiting.AsSpan(_count));
            if (_count == 0)
                Monitor.PulseAll(_gate);

            _count += line.Length;
            _taken += line.Length;
            if (_count >= WorthWriting && !_hurry)
            {
                _hurry = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>
    /// Waits until everything taken so far is written; at most five seconds, so that a stuck terminal holds up no
    /// exit.
    /// </summary>
    public void Flush()
    {
        lock (_flushing)
            lock (_gate)
            {
                var goal = _taken;
                var end = Environment.TickCount64 + 5000;
                _hurry = true;
                Monitor.PulseAll(_gate);
                while (_written < goal)
                {
                    var left = end - Environment.TickCount64;
                    if (left <= 0 || !Monitor.Wait(_gate, (int)left))
                        return;
                }
            }
    }

    /// <summary>Has the sink opened anew before the next line is written; does not wait for it.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            _reopens = _hurry = true;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose()
    {
        Flush();
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        // A thread that is stuck in a write is not waited for, and its sink is not closed under it.
        if (_thread.Join(TimeSpan.FromSeconds(1)))
            _sink.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            int count;
            long dropped;
            bool reopens;
            lock (_gate)
            {
                while (_count == 0 && !_reopens && !_closed)
                    Monitor.Wait(_gate);
                if (_count == 0 && !_reopens)
                    break;
                Gather();
                (_waiting, _spare) = (_spare, _waiting);
                (count, _count) = (_count, 0);
                (dropped, _dropped) = (_dropped, 0);
                (reopens, _reopens) = (_reopens, false);
                Monitor.PulseAll(_gate);
            }

            if (reopens)
                ReopenSink();
            WriteLines(_spare.AsSpan(0, count));
            if (dropped > 0)
                WriteNote($"{Number(dropped)} log lines were dropped here: the log's reader is too slow");
            lock (_gate)
            {
                _written += count;
                Monitor.PulseAll(_gate);
            }
        }

        ReportMissing();
    }

    /// <summary>Lets a while pass in which more lines may come, unless a caller waits for them to be written.</summary>
    private void Gather()
    {
        var end = Environment.TickCount64 + GatherTime;
        while (!_hurry && !_closed)
        {
            var left = end - Environment.TickCount64;
            if (left <= 0)
                break;
            Monitor.Wait(_gate, (int)left);
        }

        _hurry = false;
    }

    private void ReopenSink()
    {
        try
        {
            // The rest of a line that was cut off in the old file is not written to the new one.
            _sink.Reopen();
            _isMidLine = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            WriteNote($"The log cannot be opened anew, and goes on where it was: {exception.Message.TrimEnd('.')}");
        }
    }

    /// <summary>
    /// A disk that is full now may have room for later lines: those that it has none for are counted, and the log goes
    /// on.
    /// </summary>
    private void WriteLines(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            if (!ReportMissing())
            {
                _missing += lines.Count((byte)'\n');
                return;
            }

            var part = lines[..MakeRoom(lines)];
            lines = lines[part.Length..];
            var written = _sink.Write(part, out var problem);
            if (problem is null)
                continue;
            _problem = problem;
            _missing += part[written..].Count((byte)'\n');
            _isMidLine = written > 0 && part[written - 1] != '\n';
        }
    }

    private int MakeRoom(ReadOnlySpan<byte> lines)
    {
        try
        {
            return _sink.MakeRoom(lines);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            WriteNote($"The log cannot begin a new file, and goes on where it was: {exception.Message.TrimEnd('.')}");
            return lines.Length;
        }
    }

    /// <summary>Says how many lines are missing.</summary>
    /// <returns>False if that cannot be said either.</returns>
    private bool ReportMissing()
    {
        if (_missing == 0)
            return true;
        if (!WriteNote($"{Number(_missing)} log lines are missing here: {_problem}"))
            return false;
        _missing = 0;
        return true;
    }

    private bool WriteNote(string text)
    {
        try
        {
            var note = _makeNote(text);
            var written = _sink.Write(_isMidLine ? [(byte)'\n', .. note] : note, out var problem);
            _isMidLine = problem is not null && (_isMidLine || written > 0);
            _problem = problem ?? _problem;
            return problem is null;
        }
        catch (OutOfMemoryException exception)
        {
            // An exception would end this thread, and the process with it.
            _problem = exception.Message;
            return false;
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
