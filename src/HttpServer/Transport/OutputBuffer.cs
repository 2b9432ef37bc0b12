using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Transport;

/// <summary>
/// The bytes that wait to be sent, in one rented buffer that is given back when it is empty: an idle connection holds none.
/// Answers to pipelined requests gather here and leave together.
/// </summary>
internal sealed class OutputBuffer(Connection connection)
{
    /// <summary>What gathers before it is sent, at most about this much.</summary>
    public const int FlushThreshold = 32 * 1024;

    private const int SmallBuffer = 4096;

    private byte[] _buffer = [];
    private int _count;
    private int _responseStart;

    /// <summary>Number of bytes that wait.</summary>
    public int Count => _count;

    /// <summary>Bytes of the current response exist, sent or not.</summary>
    public bool ResponseBegun => _responseStart < 0 || _count > _responseStart;

    /// <summary>Bytes of the current response have been sent: it can no longer be taken back.</summary>
    public bool ResponseSent => _responseStart < 0;

    /// <summary>Answers to earlier requests wait to be sent.</summary>
    public bool HasEarlier => _responseStart > 0;

    /// <summary>What is appended from now on belongs to the next response.</summary>
    public void BeginResponse() => _responseStart = _count;

    /// <summary>Takes the current response back.</summary>
    /// <returns>False if part of it has been sent.</returns>
    public bool TryRollBack()
    {
        if (_responseStart < 0)
            return false;
        _count = _responseStart;
        return true;
    }

    /// <summary>Takes back what was appended after <paramref name="count"/> bytes.</summary>
    public void Truncate(int count) => _count = count;

    /// <summary>Room for at least <paramref name="size"/> bytes; <see cref="Advance"/> tells how many were used.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (_buffer.Length - _count < size)
            Grow(size);
        return _buffer.AsSpan(_count);
    }

    public Memory<byte> GetMemory(int size)
    {
        if (_buffer.Length - _count < size)
            Grow(size);
        return _buffer.AsMemory(_count);
    }

    public void Advance(int count) => _count += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _count += bytes.Length;
    }

    /// <summary>Appends text as Latin-1, the encoding of header text (as in Python).</summary>
    public void Append(ReadOnlySpan<char> text) => _count += Encode(text, GetSpan(text.Length));

    /// <summary>Appends a header line.</summary>
    public void AppendHeader(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        var span = GetSpan(name.Length + value.Length + 4);
        var count = Encode(name, span);
        ": "u8.CopyTo(span[count..]);
        count += 2;
        count += Encode(value, span[count..]);
        "\r\n"u8.CopyTo(span[count..]);
        _count += count + 2;
    }

    /// <summary>The bytes from <paramref name="start"/> on, to be filled in later.</summary>
    public Span<byte> At(int start, int length) => _buffer.AsSpan(start, length);

    /// <summary>Sends what waits.</summary>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public ValueTask FlushAsync()
    {
        if (_count == 0)
            return default;
        _responseStart = -1;
        var send = connection.SendAsync(_buffer.AsMemory(0, _count));
        if (!send.IsCompletedSuccessfully)
            return FinishAsync(send);
        Release();
        return default;
    }

    /// <summary>Sends the answers to earlier requests. Nothing of the current response exists yet.</summary>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public async ValueTask FlushEarlierAsync()
    {
        await FlushAsync().ConfigureAwait(false);
        BeginResponse();
    }

    /// <summary>Sends what waits and then <paramref name="bytes"/>, which are not copied unless they are few.</summary>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public async ValueTask FlushWithAsync(ReadOnlyMemory<byte> bytes)
    {
        await FlushAsync().ConfigureAwait(false);
        _responseStart = -1;
        await connection.SendAsync(bytes).ConfigureAwait(false);
    }

    /// <summary>Sends what waits, and then bytes of a file.</summary>
    /// <inheritdoc cref="Connection.SendFileAsync"/>
    public async ValueTask<int> FlushWithAsync(SafeFileHandle file, long start, long length)
    {
        await FlushAsync().ConfigureAwait(false);
        _responseStart = -1;
        return await connection.SendFileAsync(file, start, length).ConfigureAwait(false);
    }

    /// <summary>Gives the buffer back with all that waits in it.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _count = 0;
    }

    /// <summary>Nearly all header text is ASCII, whose encoder is compiled ahead of time, unlike that of Latin-1.</summary>
    private static int Encode(ReadOnlySpan<char> text, Span<byte> to) =>
        Ascii.FromUtf16(text, to, out var count) == OperationStatus.Done ? count : Encoding.Latin1.GetBytes(text, to);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask send)
    {
        await send.ConfigureAwait(false);
        Release();
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_count + size, SmallBuffer));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
