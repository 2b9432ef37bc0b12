using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Transport.Polling;

namespace Http.Server.Tls;

/// <summary>
/// Lets connections into a server that speaks HTTPS: does the handshake, and tells a client that came with plain
/// HTTP.
/// </summary>
internal sealed class TlsHandshake(CertificateSource certificate, HttpServerOptions options, Clock clock)
{
    /// <summary>The answer to a client that speaks plain HTTP, in plain HTTP; nginx and Apache httpd answer 400 too.</summary>
    private static readonly byte[] PlainAnswer = MakePlainAnswer();

    private readonly CurrentCertificate _current = new(certificate, options.Log, clock);

    /// <summary>The stream for a connection, which <see cref="OpenAsync"/> then opens.</summary>
    public static Stream MakeStream(Socket socket) => TlsStream.Make(socket);

    /// <inheritdoc cref="CurrentCertificate.Reload"/>
    public void Reload() => _current.Reload();

    /// <summary>Does the handshake, in the time that a request head may take.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="socket">Its socket.</param>
    /// <param name="connectionStream">Its stream, from <see cref="MakeStream"/>.</param>
    /// <returns>False if the connection is of no use: the client is gone, too slow, or speaks something else.</returns>
    public async Task<bool> OpenAsync(Connection connection, Socket socket, Stream connectionStream)
    {
        var stream = (TlsStream)connectionStream;
        var client = (connection.Remote as IPEndPoint)?.Address.ToString() ?? "-";
        try
        {
            var stop = connection.BeginHandshake(options.HeaderTimeout);
            var first = new byte[1];
            var count = stream.Polled is { } polled
                ? await new PolledStream(polled).PeekAsync(first).ConfigureAwait(false)
                : await socket.ReceiveAsync(first, SocketFlags.Peek, stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            if (count == 0)
                return false;
            if (HttpGrammar.IsTokenByte(first[0]))
            {
                await RefusePlainAsync(connection, socket, client).ConfigureAwait(false);
                return false;
            }

            if (InlineCompletions.IsEnabled)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var current = _current.Get();
            var asks = options.AsksForClientCertificate?.Invoke() == true;
            await stream.AuthenticateAsServerAsync(asks ? current.Asking : current.Usual, stop).ConfigureAwait(false);
            connection.EndHandshake();
            stream.EndHandshake();
            return true;
        }
        catch (Exception exception) when (connection.ReadStopped
            && exception is OperationCanceledException or AuthenticationException or IOException)
        {
            options.Log.Message(LogLevel.Debug, client, connection.ReadTimedOut
                ? "The TLS handshake took too long."
                : "The server's end broke a TLS handshake off.");
            return false;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException
            || ExpectedFaults.IsConnectionEnd(exception))
        {
            options.Log.Message(LogLevel.Debug, client,
                $"The TLS handshake failed: {(exception.InnerException ?? exception).Message}");
            return false;
        }
    }

    private static byte[] MakePlainAnswer()
    {
        const string Text = "This port speaks HTTPS: the address begins with https://, not with http://.\n";
        return System.Text.Encoding.ASCII.GetBytes(
            $"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {Text.Length}\r\n"
            + $"Connection: close\r\n\r\n{Text}");
    }

    private async Task RefusePlainAsync(Connection connection, Socket socket, string client)
    {
        options.Log.Message(LogLevel.Information, client,
            "A plain HTTP request came to a port that speaks HTTPS: its address must begin with https://.");
        // Few bytes into the empty buffer of a new connection: this does not wait.
        await socket.SendAsync(PlainAnswer).ConfigureAwait(false);
        await connection.LingerAsync().ConfigureAwait(false);
    }
}
