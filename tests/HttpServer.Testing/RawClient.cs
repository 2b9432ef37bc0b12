using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>A client that sends exactly the bytes it is given and reads answers strictly.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Socket _socket;
    private readonly SslStream? _secure;
    private readonly List<byte> _received = [];

    private RawClient(Socket socket, SslStream? secure = null)
    {
        _socket = socket;
        _secure = secure;
    }

    /// <summary>What the server proved its name with; null without TLS.</summary>
    public X509Certificate2? Certificate => (X509Certificate2?)_secure?.RemoteCertificate;

    public static Task<RawClient> ConnectAsync(int port) => ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));

    public static async Task<RawClient> ConnectAsync(EndPoint endPoint)
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint);
        return new RawClient(socket);
    }

    /// <summary>Connects over TLS, with a server whom this root vouches for; without one, any server will do. A preface goes before the handshake.</summary>
    public static async Task<RawClient> ConnectTlsAsync(
        int port, X509Certificate2? root = null, byte[]? preface = null, Action<SslClientAuthenticationOptions>? configure = null)
    {
        var client = await ConnectAsync(port);
        if (preface is not null)
            await client.SendAsync(preface);
        var options = new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http11] };
        if (root is null)
        {
            options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        }
        else
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.Add(root);
        }

        configure?.Invoke(options);
        var secure = new SslStream(new NetworkStream(client._socket, ownsSocket: true));
        await secure.AuthenticateAsClientAsync(options).WaitAsync(Patience);
        Assert.Equal(SslApplicationProtocol.Http11, secure.NegotiatedApplicationProtocol);
        return new RawClient(client._socket, secure);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_secure is not null)
            await _secure.WriteAsync(bytes);
        while (_secure is null && !bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    /// <summary>Tells the server that nothing more comes; its answers can still be read.</summary>
    public void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Says over TLS that nothing more comes, and leaves the socket open.</summary>
    public Task SayGoodbyeAsync() => _secure!.ShutdownAsync();

    /// <summary>Sends bytes past TLS, which the server can only take for a damaged record.</summary>
    public async Task SendBelowTlsAsync(ReadOnlyMemory<byte> bytes) => await _socket.SendAsync(bytes);

    /// <summary>What the server sends past what was read so far, records as they are, until it ends the connection.</summary>
    public async Task<byte[]> ReadToEndBelowTlsAsync()
    {
        var all = new List<byte>();
        var buffer = new byte[1024];
        for (int count; (count = await _socket.ReceiveAsync(buffer).WaitAsync(Patience)) > 0;)
            all.AddRange(buffer.AsSpan(0, count));
        return [.. all];
    }

    /// <summary>Ends the connection the hard way, so that the server sees a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>Reads one answer, interim ones (1xx) included.</summary>
    public async Task<RawResponse> ReadResponseAsync(bool isHead = false)
    {
        var head = Encoding.Latin1.GetString(await TakeThroughAsync("\r\n\r\n"u8.ToArray()));
        var lines = head[..^4].Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1])).ToList();
        var response = new RawResponse(lines[0], headers, []);
        if (isHead || response.Status is < 200 or 204 or 304)
            return response;
        if (response["Transfer-Encoding"] == "chunked")
            return response with { Body = await TakeChunksAsync() };
        if (response["Content-Length"] is { } length)
            return response with { Body = await TakeAsync(int.Parse(length, CultureInfo.InvariantCulture)) };
        return response with { Body = await ReadToEndAsync() };
    }

    /// <summary>What comes up to and with this text; later bytes are left for the next read.</summary>
    public async Task<string> ReadThroughAsync(string end) => Encoding.Latin1.GetString(await TakeThroughAsync(Encoding.Latin1.GetBytes(end)));

    /// <summary>So many bytes.</summary>
    public Task<byte[]> ReadAsync(int count) => TakeAsync(count);

    /// <summary>Everything until the server ends the connection.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        while (await ReceiveAsync())
        {
        }

        var all = _received.ToArray();
        _received.Clear();
        return all;
    }

    /// <summary>Whether the server has ended the connection, in order or by a reset, with nothing more to read.</summary>
    public async Task<bool> IsEndedAsync() => _received.Count == 0 && !await ReceiveAsync();

    public void Dispose()
    {
        _secure?.Dispose();
        _socket.Dispose();
    }

    private async Task<byte[]> TakeChunksAsync()
    {
        var body = new List<byte>();
        while (true)
        {
            var line = Encoding.ASCII.GetString(await TakeThroughAsync("\r\n"u8.ToArray()));
            var size = int.Parse(line[..^2], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.AddRange(await TakeAsync(size));
            Assert.Equal("\r\n"u8.ToArray(), await TakeAsync(2));
            if (size == 0)
                return [.. body];
        }
    }

    private async Task<byte[]> TakeThroughAsync(byte[] end)
    {
        while (true)
        {
            var at = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received).IndexOf(end);
            if (at >= 0)
                return await TakeAsync(at + end.Length);
            if (!await ReceiveAsync())
                throw new EndOfStreamException($"The server ended the connection after: {Encoding.Latin1.GetString([.. _received])}");
        }
    }

    private async Task<byte[]> TakeAsync(int count)
    {
        while (_received.Count < count)
        {
            if (!await ReceiveAsync())
                throw new EndOfStreamException($"The server ended the connection {count - _received.Count} bytes early.");
        }

        var taken = _received.Take(count).ToArray();
        _received.RemoveRange(0, count);
        return taken;
    }

    private async Task<bool> ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var count = _secure is null ? await _socket.ReceiveAsync(buffer, patience.Token) : await _secure.ReadAsync(buffer, patience.Token);
            _received.AddRange(buffer.AsSpan(0, count));
            return count > 0;
        }
        catch (Exception exception) when ((exception.InnerException ?? exception) is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted })
        {
            return false;
        }
    }
}
