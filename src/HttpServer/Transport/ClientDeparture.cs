using System.Net.Sockets;

namespace Http.Server.Transport;

/// <summary>Finds out that a client has left, without taking its bytes.</summary>
internal static class ClientDeparture
{
    /// <inheritdoc cref="Connection.WaitForDepartureAsync"/>
    /// <param name="connection">The client's connection.</param>
    /// <param name="socket">Its socket.</param>
    /// <param name="secure">Its TLS; null for none.</param>
    /// <param name="halfCloseTime">How long a client that has ended its side may still be there.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<bool> WaitAsync(
        Connection connection, Socket socket, Stream? secure, TimeSpan halfCloseTime, CancellationToken cancellationToken)
    {
        if (!connection.Input.Buffered.IsEmpty || !connection.Body.IsAtEnd)
            return false;
        try
        {
            // Over TLS a goodbye comes as bytes too, which only the stream understands: what it gives is read ahead.
            var count = secure is null
                ? await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellationToken).ConfigureAwait(false)
                : await connection.Input.ReadAheadAsync(secure, cancellationToken).ConfigureAwait(false);
            if (count != 0)
                return false;
            var sent = connection.BytesSent;
            await Task.Delay(halfCloseTime, connection.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return sent == connection.BytesSent;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception exception) when (ExpectedFaults.IsConnectionEnd(exception)
            || (secure is not null && exception is IOException))
        {
            return true;
        }
    }

    /// <summary>Waits for something for as long as the client does.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wait">Is told when the client has left, and then ends with an
    /// <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ConnectionEndedException">The client has left.</exception>
    public static async ValueTask<T> WaitUntilAsync<T>(IHandlerContext context, Func<CancellationToken, ValueTask<T>> wait)
    {
        using var left = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        var watching = WatchAsync();
        try
        {
            return await wait(left.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            throw new ConnectionEndedException("The client left while its request waited.");
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }

        async Task WatchAsync()
        {
            if (await context.WaitForDepartureAsync(done.Token).ConfigureAwait(false))
                await left.CancelAsync().ConfigureAwait(false);
        }
    }
}
