using System.Buffers;
using System.Net.Sockets;
using Http.Server.Transport.Polling;

namespace Http.Server.Transport;

/// <summary>
/// The end of a connection that is in order: the last answer arrives, and the client can tell an end from a cut.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="polled">Its socket, if the library waits for it itself.</param>
/// <param name="secure">Its TLS; null for none.</param>
internal sealed class Goodbye(Connection connection, PolledSocket? polled, ISecureStream? secure)
{
    /// <summary>What it may take.</summary>
    private const int MaxMilliseconds = 1000;

    /// <summary>
    /// What a client sends in this second on a fast line: one that is in the middle of an upload still reads why it was refused.
    /// </summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    private bool _isSaid;

    /// <inheritdoc cref="Connection.LingerAsync"/>
    public async ValueTask LingerAsync(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            if (secure is not null)
                await SayAsync().ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
            connection.LimitWriting(MaxMilliseconds);
            for (var total = 0; total < MaxBytes;)
            {
                var count = polled is null
                    ? await socket.ReceiveAsync(buffer).ConfigureAwait(false)
                    : await polled.ReceiveAfterStopAsync(buffer).ConfigureAwait(false);
                if (count == 0)
                    return;
                total += count;
            }
        }
        catch (Exception exception) when (ExpectedFaults.IsConnectionEnd(exception))
        {
            // The client was quicker; nothing is left to say.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc cref="Connection.SayGoodbyeAsync"/>
    public async ValueTask SayAsync()
    {
        if (_isSaid || secure is not { IsAuthenticated: true } || connection.IsBroken)
            return;
        _isSaid = true;
        try
        {
            connection.LimitWriting(MaxMilliseconds);
            await secure.ShutdownAsync().ConfigureAwait(false);
            connection.LimitWriting(null);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException
            || ExpectedFaults.IsConnectionEnd(exception))
        {
            // The client was quicker, or the sweep was.
        }
    }
}
