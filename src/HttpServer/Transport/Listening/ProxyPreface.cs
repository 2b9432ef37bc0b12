using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Http.Server.Proxies;

namespace Http.Server.Transport.Listening;

/// <summary>
/// Reads the header of the PROXY protocol from the socket, below TLS, and no byte more: what follows belongs to the reader of the
/// stream.
/// </summary>
internal static class ProxyPreface
{
    /// <summary>Reads the header, in the time that a request head may take, and notes the client in the connection.</summary>
    /// <returns>False if the connection is to be closed: it is not a trusted proxy's, or has no valid header. The log knows
    /// why.</returns>
    public static async ValueTask<bool> ReadAsync(Connection connection, Socket socket)
    {
        var log = connection.Options.Log;
        var proxy = (connection.Remote as IPEndPoint)?.Address.ToString() ?? "-";
        if (!connection.IsFromProxy)
        {
            log.Message(LogLevel.Information, proxy,
                "A connection was closed: only trusted proxies may connect where the PROXY protocol is spoken.");
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ProxyHeader.MaxBytes);
        try
        {
            var stop = connection.BeginHandshake(connection.Options.HeaderTimeout);
            var count = 0;
            while (true)
            {
                // The bytes are looked at first, and then only those of the header are taken from the socket.
                var seen = await socket.ReceiveAsync(buffer.AsMemory(count, ProxyHeader.MaxBytes - count), SocketFlags.Peek,
                    stop).ConfigureAwait(false);
                if (seen == 0)
                {
                    log.Message(count == 0 ? LogLevel.Debug : LogLevel.Information, proxy,
                        "A connection ended before its PROXY header did.");
                    return false;
                }

                var status = ProxyHeader.TryParse(buffer.AsSpan(0, count + seen), out var header);
                if (status == ProxyHeaderStatus.Malformed)
                {
                    log.Message(LogLevel.Information, proxy,
                        "A connection was closed: it does not begin with a valid PROXY header. Does the proxy send one?");
                    return false;
                }

                var own = status == ProxyHeaderStatus.Complete ? header.Length - count : seen;
                for (var taken = 0; taken < own;)
                    taken += await socket.ReceiveAsync(buffer.AsMemory(count + taken, own - taken), SocketFlags.None, stop)
                        .ConfigureAwait(false);
                count += own;
                if (status != ProxyHeaderStatus.Complete)
                    continue;
                connection.RecordClient(header);
                connection.EndHandshake();
                return true;
            }
        }
        catch (OperationCanceledException) when (connection.ReadStopped)
        {
            if (connection.ReadTimedOut)
                log.Message(LogLevel.Information, proxy, "A connection was closed: its PROXY header did not come in time.");
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
