using System.Buffers;
using System.Net.Sockets;
using Http.Server.Transport.FileData;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Transport;

/// <summary>Sends bytes of files to one client: by the system where it can, else through a small block of memory.</summary>
/// <param name="connection">The client's connection.</param>
/// <param name="socket">Where the system may send files to; null if something is between, as TLS is.</param>
internal sealed class FileSender(Connection connection, Socket? socket)
{
    /// <summary>Bytes of a file that are sent by the system at once: some tenths of a millisecond's work.</summary>
    private const int FileSlice = 1024 * 1024;

    /// <summary>What a client that has no room is waited for with: a page, so that the rest begins at one.</summary>
    private const int WaitingBlock = 4096;

    /// <summary>
    /// Bytes of a file that go through memory at once. One record of TLS, whose frame still fits into a buffer of 16 KiB: with
    /// this one, a client that does not read holds 32 KiB.
    /// </summary>
    private const int SecureBlock = 16_000;

    private readonly bool _isSentBySystem = socket is not null && KernelFileSender.TryPrepare(socket);

    /// <inheritdoc cref="Connection.SendFileAsync"/>
    public async ValueTask<int> SendAsync(SafeFileHandle file, long start, long length)
    {
        // The disk may be slow, and with inline completions a wait for it would delay other connections. A client that is as
        // fast as the disk would otherwise keep a thread for itself.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var block = SecureBlock;
        if (_isSentBySystem)
        {
            var sent = KernelFileSender.Send(socket!, file, start, (int)Math.Min(length, FileSlice));
            if (sent > 0)
            {
                connection.CountSent(sent);
                return sent;
            }

            block = WaitingBlock;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(block);
        try
        {
            var count = FileBlock.Read(file, buffer.AsSpan(0, (int)Math.Min(length, block)), start);
            if (count > 0)
                await connection.SendAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
