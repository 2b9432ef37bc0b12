using System.Globalization;
using System.Text;

namespace Http.Server.Transport;

/// <summary>Gathers bytes from many threads and writes them to a stream on one thread of its own.</summary>
internal sealed class LineWriter : IDisposable
{
    /// <summary>What may wait: some 40,000 lines. More means that the stream has stopped or is far too slow.</summary>
    private const int Capacity = 4 * 1024 * 1024;

    /// <summary>
    /// How long the first line waits for company, in milliseconds. Nobody sees so short a delay; without it the writer would be woken for
    /// every line, which costs more than the request it tells of.
    /// </summary>
    private const int GatherTime = 25;

    /// <summary>As much is written at once without waiting for more.</summary>
    private const int WorthWriting = 64 * 1024;

    private readonly Lock _flushing = new();
    private readonly object _gate = new();
    private readonly Stream _stream;
    private readonly bool _waitWhenFull;
    private byte[] _waiting = new byte[8 * 1024];
    private byte[] _spare = new byte[8 * 1024];
    private int _count;
    private long _dropped;
    private long _taken;
    private long _written;
    private bool _hurry;
    private bool _closed;
    private bool _broken;
    private Thread? _thread;

    public LineWriter(Stream stream, bool waitWhenFull)
    {
        _stream = stream;
        _waitWhenFull = waitWhenFull;
    }

    public void Write(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            // A line longer than all the room finds it empty at last, and is taken.
            while (_waitWhenFull && _count > 0 && _count + line.Length > Capacity && !_closed && !_broken)
                Monitor.Wait(_gate);
            if (_closed || _broken)
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
            {
                Start();
                Monitor.PulseAll(_gate);
            }

            _count += line.Length;
            _taken += line.Length;
            if (_count >= WorthWriting && !_hurry)
            {
                _hurry = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits until everything taken so far is written; at most five seconds, so that a stuck terminal holds up no exit.</summary>
    public void Flush()
    {
        lock (_flushing)
            lock (_gate)
            {
                var goal = _taken;
                var end = Environment.TickCount64 + 5000;
                _hurry = true;
                Monitor.PulseAll(_gate);
                while (_written < goal && !_broken)
                {
                    var left = end - Environment.TickCount64;
                    if (left <= 0 || !Monitor.Wait(_gate, (int)left))
                        return;
                }
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

        _thread?.Join(TimeSpan.FromSeconds(1));
        _stream.Dispose();
    }

    private void Start()
    {
        if (_thread is not null)
            return;
        _thread = new Thread(Run) { IsBackground = true, Name = "HttpServer log" };
        _thread.Start();
    }

    private void Run()
    {
        while (true)
        {
            int count;
            long dropped;
            lock (_gate)
            {
                while (_count == 0)
                {
                    if (_closed)
                        return;
                    Monitor.Wait(_gate);
                }

                Gather();
                (_waiting, _spare) = (_spare, _waiting);
                (count, _count) = (_count, 0);
                (dropped, _dropped) = (_dropped, 0);
                Monitor.PulseAll(_gate);
            }

            var failed = !TryWrite(count, dropped);
            lock (_gate)
            {
                _written += count;
                _broken |= failed;
                Monitor.PulseAll(_gate);
                if (failed)
                    return;
            }
        }
    }

    /// <summary>Lets a while pass in which more lines may come, unless somebody waits for them to be written.</summary>
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

    private bool TryWrite(int count, long dropped)
    {
        try
        {
            _stream.Write(_spare, 0, count);
            if (dropped > 0)
            {
                var text = string.Create(CultureInfo.InvariantCulture, $"({dropped} log lines were dropped here: the log's reader is too slow)\n");
                _stream.Write(Encoding.UTF8.GetBytes(text));
            }

            _stream.Flush();
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // A full disk or a closed pipe must not end the server; there is nobody left to tell.
            return false;
        }
    }
}
