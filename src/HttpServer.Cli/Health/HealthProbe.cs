using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Http.Server.Cli.Health;

/// <summary>
/// Asks a server once and reads how its answer begins. .NET's own client of HTTP would make the native program larger by a good
/// part, for one line.
/// </summary>
internal static class HealthProbe
{
    /// <summary>A status line is shorter; what is not has none.</summary>
    private const int MaxLine = 4096;

    /// <summary>Asks.</summary>
    /// <param name="address">Whom.</param>
    /// <param name="isInsecure">Any certificate is taken.</param>
    /// <param name="timeout">For everything together.</param>
    /// <returns>What is wrong, in a sentence; null if the answer has a status of 2xx.</returns>
    public static async Task<string?> FindProblemAsync(HealthAddress address, bool isInsecure, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            // Not all that happens here can be ended from outside, the question for an address say: it is left behind then.
            var line = await ReadStatusLineAsync(address, isInsecure, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            return Judge(address.Text, line);
        }
        catch (OperationCanceledException)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"{address.Text} gave no answer within {timeout.TotalSeconds} s.");
        }
        catch (AuthenticationException exception)
        {
            return $"{address.Text} has a certificate that is not trusted: {exception.Message.TrimEnd('.')}. "
                + "Add --insecure to ask all the same.";
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return $"{address.Text} does not answer: {exception.Message.TrimEnd('.')}.";
        }
    }

    private static string? Judge(string address, string line)
    {
        // HTTP-version SP status SP reason (RFC 9112, section 4).
        if (!line.StartsWith("HTTP/", StringComparison.Ordinal) || line.Split(' ', 3) is not [_, { Length: 3 } status, ..]
            || !int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return $"{address} does not speak HTTP.";
        return code is >= 200 and < 300 ? null : $"{address} answered {line[(line.IndexOf(' ') + 1)..].Trim()}.";
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5359", Justification = "It is what --insecure asks for.")]
    private static async Task<string> ReadStatusLineAsync(HealthAddress address, bool isInsecure, CancellationToken token)
    {
        using var socket = address.EndPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.EndPoint, token).ConfigureAwait(false);
        await using var plain = new NetworkStream(socket, ownsSocket: false);
        if (address.TlsHost is null)
            return await AskAsync(plain, address, token).ConfigureAwait(false);
        await using var secure = new SslStream(plain, leaveInnerStreamOpen: true);
        var options = new SslClientAuthenticationOptions { TargetHost = address.TlsHost };
        if (isInsecure)
            options.RemoteCertificateValidationCallback = TakeAnyCertificate;
        await secure.AuthenticateAsClientAsync(options, token).ConfigureAwait(false);
        return await AskAsync(secure, address, token).ConfigureAwait(false);
    }

    private static async Task<string> AskAsync(Stream stream, HealthAddress address, CancellationToken token)
    {
        var request = $"GET {address.Target} HTTP/1.1\r\nHost: {address.Host}\r\nUser-Agent: httpserver health\r\nAccept: */*\r\n"
            + "Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), token).ConfigureAwait(false);
        var (buffer, count) = (new byte[MaxLine], 0);
        int end;
        while ((end = buffer.AsSpan(0, count).IndexOf((byte)'\n')) < 0 && count < MaxLine)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(count), token).ConfigureAwait(false);
            if (read == 0)
                throw new IOException("The connection was closed");
            count += read;
        }

        return Encoding.Latin1.GetString(buffer, 0, Math.Max(end, 0)).TrimEnd('\r');
    }

    private static bool TakeAnyCertificate(
        object sender, System.Security.Cryptography.X509Certificates.X509Certificate? certificate,
        System.Security.Cryptography.X509Certificates.X509Chain? chain, SslPolicyErrors errors) => true;
}
