using System.Net;
using System.Net.Sockets;
using Http.Server.Proxies;
using Http.Server.Resources;
using Http.Server.Transport.Polling;
using Http.Server.Transport.Switching;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Transport;

/// <summary>
/// One client's connection: its bytes in, its bytes out, and the deadlines that both are held to. Deadlines are plain
/// numbers that the server's sweep compares, so a request sets no timer.
/// </summary>
internal sealed class Connection : IDisposable
{
    /// <summary>Null where the bytes are those of <see cref="_polled"/>.</summary>
    private readonly Stream? _stream;

    /// <summary>The socket where the library waits for it itself, below TLS too.</summary>
    private readonly PolledSocket? _polled;
    private readonly Socket? _socket;
    private readonly ISecureStream? _secure;
    private readonly CancellationTokenSource _readStop = new();
    private readonly int _requestRate;
    private readonly int _responseRate;
    private readonly long _graceMilliseconds;
    private Deadline _reading = new(SelectMode.SelectRead);
    private Deadline _writing = new(SelectMode.SelectWrite);
    private int _isIdle;
    private int _stopWhenIdle;
    private int _isDisposed;
    private volatile bool _isBroken;
    private Goodbye? _goodbye;
    private volatile ISwitchedProtocol? _switched;
    private FileSender? _files;

    // What the client has been waited for, and what it moved, in the current request: together they give the next allowance.
    private long _bodyBytesIn;
    private long _bodyWaitIn;
    private long _bytesOut;
    private long _waitOut;

    private long _allBytesOut;

    /// <param name="stream">The bytes, both ways; owned by the connection. Null for those of the socket itself.</param>
    /// <param name="socket">The socket below the stream, owned too; null if there is none. Between the two there may be TLS,
    /// nothing else.</param>
    /// <param name="remote">The client.</param>
    /// <param name="options">The limits.</param>
    /// <param name="clock">The server's clock.</param>
    public Connection(Stream? stream, Socket? socket, EndPoint remote, HttpServerOptions options, Clock clock)
    {
        if (stream is null && socket is not null)
        {
            if (IsPolled)
                _polled = new PolledSocket(socket);
            else
                stream = new NetworkStream(socket, ownsSocket: false);
        }

        _stream = stream;
        _socket = socket;
        _secure = stream as ISecureStream;
        _polled ??= _secure?.Polled;
        Peer = Remote = remote;
        Options = options;
        IsFromProxy = options.TrustedProxies.Count > 0 && TrustedProxy.AnyCovers(options.TrustedProxies, remote);
        Clock = clock;
        _requestRate = options.MinRequestBodyRate;
        _responseRate = options.MinResponseRate;
        _graceMilliseconds = (long)options.RateGracePeriod.TotalMilliseconds;
        Input = new RequestReader(this);
        Body = new RequestBody(this);
        Output = new OutputBuffer(this);
        Response = new ResponseBody(Output);
    }

    /// <summary>
    /// Whether the library waits for sockets itself: on Linux, where what waits may be continued on the thread that polls.
    /// Elsewhere .NET does, and continues on a thread of its pool.
    /// </summary>
    public static bool IsPolled { get; } = OperatingSystem.IsLinux() && InlineCompletions.IsEnabled;

    /// <summary>The other end of the connection.</summary>
    public EndPoint Peer { get; }

    /// <summary>The TLS of the connection; null for plain HTTP.</summary>
    public ISecureStream? Secure => _secure;

    /// <summary>Cancelled when reading stops for good, and so before the connection has ended.</summary>
    public CancellationToken Ended => _readStop.Token;

    /// <summary>The client: the other end, unless a proxy has named one for the connection.</summary>
    public EndPoint Remote { get; private set; }

    /// <summary>Whether <see cref="Remote"/> is a proxy that is believed what its requests' headers say.</summary>
    public bool IsFromProxy { get; private set; }

    /// <summary>False if a proxy has passed a connection on without saying whose it is.</summary>
    public bool IsClientKnown { get; private set; } = true;

    /// <summary>Counts the connections of a server, from 1.</summary>
    public long Number { get; set; }

    /// <summary>Requests that have begun.</summary>
    public int RequestCount { get; private set; }

    /// <summary>Answers with a status of 500 and above.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>A request is being answered.</summary>
    public bool IsAnswering { get; private set; }

    public HttpServerOptions Options { get; }

    /// <summary>Told when a request cannot be answered for want of a resource; null outside a server.</summary>
    public ShortageReport? Shortage { get; init; }

    public Clock Clock { get; }

    public RequestReader Input { get; }

    public RequestBody Body { get; }

    public OutputBuffer Output { get; }

    public ResponseBody Response { get; }

    /// <summary>A deadline for reading has passed: the read that was waiting ended without data.</summary>
    public bool ReadTimedOut { get; private set; }

    /// <summary>Reading stops for good: the server ends, or a deadline has passed.</summary>
    public bool ReadStopped => _readStop.IsCancellationRequested;

    /// <summary>
    /// A read or write of this connection failed, or this side ended it. Tells a client that left from a handler's trouble with
    /// some other connection, which throws the same exceptions.
    /// </summary>
    public bool IsBroken => _isBroken || _polled is { IsBroken: true } || Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Whether what waits for bytes needs no place for them yet.</summary>
    public bool WaitsWithoutBuffer => _stream is null;

    /// <summary>Bytes sent since the connection began.</summary>
    public long BytesSent => Interlocked.Read(ref _allBytesOut);

    private Goodbye Goodbye => _goodbye ??= new Goodbye(this, _polled, _secure);

    /// <summary>Puts what comes before the first request under a deadline of its own.</summary>
    /// <returns>Ends the handshake: the deadline has passed, or the server ends.</returns>
    public CancellationToken BeginHandshake(TimeSpan timeout)
    {
        LimitReading(timeout);
        return BeginWaiting();
    }

    /// <summary>From now on the connection may be ended without loss, whatever it waits for.</summary>
    /// <returns>Ends the waiting: the server ends, or the connection has ended.</returns>
    public CancellationToken BeginWaiting()
    {
        // The exchange is a full fence, as with a head that is waited for.
        Interlocked.Exchange(ref _isIdle, 1);
        if (Volatile.Read(ref _stopWhenIdle) != 0)
            StopReading();
        return _readStop.Token;
    }

    /// <summary>Another protocol takes the place of HTTP, until the connection ends.</summary>
    public void SwitchTo(ISwitchedProtocol protocol)
    {
        _switched = protocol;
        // As with a head that is waited for: either this sees the stop, or the stop sees the protocol.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _stopWhenIdle) != 0)
            protocol.EndSoon();
    }

    /// <summary>Requests may come.</summary>
    public void EndHandshake() => EndHead();

    /// <summary>Notes whom a proxy has made the connection for.</summary>
    public void RecordClient(in ProxyHeader header)
    {
        if (header.Client is { } address)
            Remote = new IPEndPoint(address, header.Port);
        IsClientKnown = header.IsLocal || header.Client is not null;
        // A client that speaks HTTP here is not the proxy, unless that speaks for itself: a second proxy, which may be trusted
        // too, or a client.
        IsFromProxy = header.Client is not null && TrustedProxy.AnyCovers(Options.TrustedProxies, Remote);
    }

    /// <summary>Whether an address is that of a trusted proxy.</summary>
    public bool IsTrusted(IPAddress address) => TrustedProxy.AnyCovers(Options.TrustedProxies, address);

    /// <summary>No byte of a request head has come: the connection may be closed without loss.</summary>
    /// <param name="timeout">From now on.</param>
    /// <returns>False if it is to be closed now.</returns>
    public bool TryBeginIdling(TimeSpan timeout)
    {
        LimitReading(timeout);
        // The exchange is a full fence: either this sees the stop, or the stop sees that the connection is idle.
        Interlocked.Exchange(ref _isIdle, 1);
        return Volatile.Read(ref _stopWhenIdle) == 0;
    }

    /// <summary>Some bytes of a request head have come.</summary>
    /// <param name="timeout">From now on, for the others.</param>
    public void BeginHead(TimeSpan timeout)
    {
        LimitReading(timeout);
        Volatile.Write(ref _isIdle, 0);
    }

    /// <summary>Waits for bytes of a request head under the deadline that stands.</summary>
    /// <returns>The number of bytes; 0 at the end of the input and when reading was stopped.</returns>
    public ValueTask<int> ReceiveHeadAsync(Memory<byte> buffer) => ReceiveAsync(buffer);

    /// <summary>Takes bytes of a request head if there are any; only where <see cref="WaitsWithoutBuffer"/>.</summary>
    /// <returns>False if there are none yet: then <see cref="WaitForHeadAsync"/> waits for them.</returns>
    /// <exception cref="IOException">The client is gone, or the socket has been closed.</exception>
    public bool TryReceiveHead(Span<byte> buffer, out int count)
    {
        _reading.BeginWait();
        return _polled!.TryReceive(buffer, out count);
    }

    /// <summary>Waits until there may be bytes of a request head, or reading was stopped.</summary>
    /// <returns>-1.</returns>
    public ValueTask<int> WaitForHeadAsync() => _polled!.WaitForBytesAsync();

    public void BeginRequest()
    {
        RequestCount++;
        IsAnswering = true;
    }

    public void EndRequest() => IsAnswering = false;

    public void RecordError() => ErrorCount++;

    /// <summary>The head is there: no deadline runs until something is waited for again.</summary>
    public void EndHead()
    {
        _reading.Reset();
        _writing.Reset();
        Volatile.Write(ref _isIdle, 0);
        _bodyBytesIn = _bodyWaitIn = _bytesOut = _waitOut = 0;
    }

    /// <summary>Waits for bytes of a request body, under the minimum rate.</summary>
    /// <remarks>
    /// The allowance is the grace period plus the time that the bytes so far take at the minimum rate, less what the client
    /// has been waited for already. Time in which a handler does not read costs the client nothing.
    /// </remarks>
    public ValueTask<int> ReceiveBodyAsync(Memory<byte> buffer)
    {
        if (_requestRate == 0)
            return ReceiveAsync(buffer);
        var start = Clock.Milliseconds;
        _reading.Set(start, Allowance(_bodyBytesIn, _requestRate) - _bodyWaitIn, _graceMilliseconds);
        var read = ReceiveAsync(buffer);
        if (!read.IsCompletedSuccessfully)
            return FinishBodyAsync(read, start);
        _reading.Clear();
        var count = read.Result;
        _bodyBytesIn += count;
        return new(count);
    }

    /// <summary>Sends bytes, under the minimum rate. The memory is free again when the task has ended.</summary>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var start = Clock.Milliseconds;
        _allBytesOut += bytes.Length;
        if (_responseRate != 0)
        {
            _bytesOut += bytes.Length;
            _writing.Set(start, Allowance(_bytesOut, _responseRate) - _waitOut, _graceMilliseconds);
        }

        _writing.BeginWait();
        var write = _stream is null ? _polled!.SendAsync(bytes) : _stream.WriteAsync(bytes);
        if (!write.IsCompletedSuccessfully)
            return FinishSendAsync(write, start);
        _writing.Clear();
        return default;
    }

    /// <summary>
    /// Sends bytes of a file, under the minimum rate: no more than the client has room for and, while it has none, a block that
    /// is waited with. So a client that does not read costs a small block, whatever it has asked for.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Where the bytes begin.</param>
    /// <param name="length">Their number at most.</param>
    /// <returns>How many have been sent; 0 if the file ends there.</returns>
    /// <exception cref="IOException">The client is gone or took too long, or the file cannot be read.</exception>
    public ValueTask<int> SendFileAsync(SafeFileHandle file, long start, long length) =>
        (_files ??= new FileSender(this, _secure is null ? _socket : null)).SendAsync(file, start, length);

    /// <summary>
    /// Says goodbye so that the last answer arrives: closing with unread input would reset the connection and could
    /// destroy the answer in the client's buffer (RFC 9112, section 9.6).
    /// </summary>
    public ValueTask LingerAsync() => _socket is null || _isDisposed != 0 ? default : Goodbye.LingerAsync(_socket);

    /// <summary>
    /// Tells a client over TLS that nothing more comes, so that it can tell an end from a cut (close_notify: RFC 8446, section
    /// 6.1). Not for a connection that failed.
    /// </summary>
    public ValueTask SayGoodbyeAsync() => Goodbye.SayAsync();

    /// <summary>Counts bytes that have been sent another way.</summary>
    public void CountSent(int count)
    {
        _allBytesOut += count;
        _bytesOut += count;
    }

    /// <summary>Puts what is written from now on under a deadline; null for none.</summary>
    public void LimitWriting(int? milliseconds)
    {
        if (milliseconds is { } time)
            _writing.Set(Clock.Milliseconds, time, extension: 0);
        else
            _writing.Clear();
    }

    /// <summary>Called by the server's sweep: ends what has waited past its deadline.</summary>
    public void CheckDeadlines(long now)
    {
        if (_writing.TryPass(now, _socket))
        {
            Abort();
        }
        else if (_reading.TryPass(now, _socket) && !_readStop.IsCancellationRequested)
        {
            ReadTimedOut = true;
            StopReading();
        }

        _switched?.Check(now);
    }

    /// <summary>
    /// Ends the connection as soon as it waits for a request and nothing of one has come: now, or after this
    /// request.
    /// </summary>
    public void StopWhenIdle()
    {
        Interlocked.Exchange(ref _stopWhenIdle, 1);
        _switched?.EndSoon();
        if (Volatile.Read(ref _isIdle) != 0)
            StopReading();
    }

    /// <summary>Ends reading for good: a read under way ends without data.</summary>
    public void StopReading()
    {
        _readStop.Cancel();
        _polled?.StopReading();
    }

    /// <summary>Waits until the client has left, as far as that can be told without taking its bytes.</summary>
    /// <param name="halfCloseTime">
    /// How long a client that has ended its side may still be there, to read alone. What reaches it in that time and is not
    /// refused proves it.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>True if it has left; false if that cannot be told, or waiting was ended.</returns>
    public Task<bool> WaitForDepartureAsync(TimeSpan halfCloseTime, CancellationToken cancellationToken) => _socket is null
        ? Task.FromResult(false)
        : ClientDeparture.WaitAsync(this, _socket, _secure is null ? null : _stream, halfCloseTime, cancellationToken);

    /// <summary>Ends the connection at once, whatever it does. Reads and writes under way fail.</summary>
    public void Abort()
    {
        if (_socket is not null && Volatile.Read(ref _isDisposed) == 0)
        {
            try
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It has ended by itself meanwhile.
            }
        }

        Dispose();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            StopReading();
            _polled?.Dispose();
            _stream?.Dispose();
            _socket?.Dispose();
        }
    }

    /// <summary>
    /// A record that is cut off or damaged, which has no error of a socket inside: the client's fault, as a broken
    /// socket is.
    /// </summary>
    private bool IsBrokenTls(IOException exception) => _secure is not null && !ExpectedFaults.IsConnectionEnd(exception);

    private void LimitReading(TimeSpan timeout)
    {
        var milliseconds = (long)timeout.TotalMilliseconds;
        _reading.Set(Clock.Milliseconds, milliseconds, milliseconds);
    }

    private long Allowance(long bytes, int rate) => _graceMilliseconds + (bytes * 1000 / rate);

    private async ValueTask<int> FinishBodyAsync(ValueTask<int> read, long start)
    {
        var count = await read.ConfigureAwait(false);
        _reading.Clear();
        if (!_reading.IsServerLate)
            _bodyWaitIn += Clock.Milliseconds - start;
        _bodyBytesIn += count;
        return count;
    }

    private async ValueTask FinishSendAsync(ValueTask write, long start)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (IOException exception) when (IsBrokenTls(exception))
        {
            _isBroken = true;
            throw new ConnectionEndedException(exception.Message, exception);
        }
        catch
        {
            _isBroken = true;
            throw;
        }

        _writing.Clear();
        if (!_writing.IsServerLate)
            _waitOut += Clock.Milliseconds - start;
    }

    private ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        _reading.BeginWait();
        if (_stream is null)
            return _polled!.ReceiveAsync(buffer);
        // A socket that the library waits for is told of the stop by itself: a token would be registered with for each read.
        var read = _stream.ReadAsync(buffer, _polled is null ? _readStop.Token : CancellationToken.None);
        return read.IsCompletedSuccessfully ? read : AwaitAsync(read);

        [System.Runtime.CompilerServices.AsyncMethodBuilder(
            typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
        async ValueTask<int> AwaitAsync(ValueTask<int> read)
        {
            try
            {
                return await read.ConfigureAwait(false);
            }
            catch (Exception exception) when (ReadStopped && exception is OperationCanceledException or IOException)
            {
                // Who stopped it has noted why: ReadTimedOut, or the server's stop. TLS takes the end of a socket for a cut.
                return 0;
            }
            catch (IOException exception) when (IsBrokenTls(exception))
            {
                _isBroken = true;
                throw new ConnectionEndedException(exception.Message, exception);
            }
            catch
            {
                _isBroken = true;
                throw;
            }
        }
    }
}
