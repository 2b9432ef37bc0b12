using System.Buffers;
using Http.Server.Files;

namespace Http.Server.Cgi;

/// <summary>
/// The request body on its way to a program. A program is told its length beforehand, so a chunked body is gathered first: in
/// memory up to a size, in a temporary file beyond it.
/// </summary>
internal sealed class CgiBody : IAsyncDisposable
{
    private const int BlockSize = 64 * 1024;

    /// <summary>Bytes of a chunked body that are held in memory.</summary>
    private const int MaxInMemory = 1024 * 1024;

    private readonly Stream _source;
    private readonly bool _isSpooled;

    private CgiBody(Stream source, long? length, bool isSpooled) => (_source, Length, _isSpooled) = (source, length, isSpooled);

    /// <summary>Length in bytes; null if the request has no body.</summary>
    public long? Length { get; }

    /// <summary>Some of it has been taken for a program, and is not there for another.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Makes the body ready.</summary>
    /// <param name="request">The request's body.</param>
    /// <param name="declared">Its declared length; -1 if there is none.</param>
    /// <param name="isChunked">It comes in chunks.</param>
    /// <exception cref="RequestFaultException">A chunked body is malformed or too long.</exception>
    public static async ValueTask<CgiBody> PrepareAsync(Stream request, long declared, bool isChunked)
    {
        if (!isChunked)
            return new CgiBody(request, declared >= 0 ? declared : null, isSpooled: false);
        Stream spool = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (int count; (count = await request.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
            {
                if (spool is MemoryStream memory && memory.Length + count > MaxInMemory)
                {
                    spool = TemporaryFile.Create();
                    memory.WriteTo(spool);
                }

                await spool.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            }

            spool.Position = 0;
            return new CgiBody(spool, spool.Length, isSpooled: true);
        }
        catch
        {
            await spool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Passes the body on and ends the program's input. A program that does not read all is no error.</summary>
    /// <param name="input">The program's standard input.</param>
    /// <param name="progress">Called whenever bytes moved.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestFaultException">The request body is malformed, too long, or came too slowly.</exception>
    public async Task CopyToAsync(Stream input, Action progress, CancellationToken cancellationToken)
    {
        await using (input.ConfigureAwait(false))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
            try
            {
                var left = Length ?? 0;
                while (left > 0)
                {
                    HasBegun = true;
                    var count = await _source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, BlockSize)),
                        CancellationToken.None).ConfigureAwait(false);
                    if (count == 0)
                        return;
                    left -= count;
                    progress();
                    if (!await TryWriteAsync(input, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false))
                        return;
                    progress();
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    public ValueTask DisposeAsync() => _isSpooled ? _source.DisposeAsync() : default;

    private static async ValueTask<bool> TryWriteAsync(Stream input, ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken)
    {
        try
        {
            await input.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
