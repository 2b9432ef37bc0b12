using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Tls;

/// <summary>What clients get over TLS.</summary>
public sealed class ThreadingHttpsServerTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    private readonly TempDirectory _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly ServerCertificate _certificate;

    public ThreadingHttpsServerTests()
    {
        var (certificate, key) = _authority.Write(_folder);
        _certificate = ServerCertificate.FromPemFile(certificate, key);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_of_today_are_spoken(SslProtocols version)
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("secret"), null, _certificate);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version, RemoteCertificateValidationCallback = static (_, found, _, _) => found is not null },
            TestContext.Current.CancellationToken);
        Assert.Equal(version, stream.SslProtocol);
    }

    [Theory]
    [InlineData(true, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)]
    [InlineData(true, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256)]
    [InlineData(false, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256)]
    [InlineData(false, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA)]
    [InlineData(false, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA, TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256)]
    public async Task Suites_of_TLS_1_2_authenticate_what_they_encrypt(bool isTaken, params TlsCipherSuite[] suites)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has a policy of the machine for cipher suites.");
            return;
        }

        await using var server = ActionHandler.Serve(handler => handler.SendText("secret"), null, _certificate);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(new NetworkStream(socket));
        var connecting = stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls12,
                CipherSuitesPolicy = new CipherSuitesPolicy(suites),
                RemoteCertificateValidationCallback = static (_, found, _, _) => found is not null,
            },
            TestContext.Current.CancellationToken);
        if (isTaken)
            await connecting;
        else
            await Assert.ThrowsAnyAsync<Exception>(() => connecting);
        if (isTaken)
            Assert.Contains(stream.NegotiatedCipherSuite, suites);
    }

    [Fact]
    public async Task A_handler_knows_that_it_is_spoken_to_over_tls()
    {
        await using var secure = ActionHandler.Serve(handler => handler.SendText($"{handler.Server.IsSecure}"), null, _certificate);
        await using var plain = ActionHandler.Serve(handler => handler.SendText($"{handler.Server.IsSecure}"));
        Assert.Equal("True", (await secure.GetAsync("/")).Text);
        Assert.Equal("False", (await plain.GetAsync("/")).Text);
    }

    [Fact]
    public async Task A_connection_is_kept_and_requests_may_come_in_a_pipeline()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText($"{handler.RequestId}"), null, _certificate);
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get);
        Assert.Equal("1-1", (await client.ReadResponseAsync()).Text);
        await client.SendAsync(Get + Get + Get);
        for (var number = 2; number <= 4; number++)
            Assert.Equal($"1-{number}", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("Content-Length: 5000000")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task Large_bodies_go_both_ways(string framing)
    {
        var body = RandomNumberGenerator.GetBytes(5_000_000);
        await using var server = ActionHandler.ServeAsync(
            async handler =>
            {
                handler.SendResponse(200);
                handler.EndHeaders();
                await handler.Rfile.CopyToAsync(handler.Wfile);
            },
            null,
            _certificate);
        using var client = await server.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: test\r\n{framing}\r\n\r\n");
        var reading = client.ReadResponseAsync();
        if (framing.EndsWith("chunked", StringComparison.Ordinal))
        {
            await client.SendAsync("4c4b40\r\n");
            await client.SendAsync(body);
            await client.SendAsync("\r\n0\r\n\r\n");
        }
        else
        {
            await client.SendAsync(body);
        }

        Assert.Equal(body, (await reading).Body);
    }

    [Fact]
    public async Task Files_and_ranges_of_files_are_served()
    {
        var text = string.Concat(Enumerable.Range(0, 100_000).Select(number => $"{number:D6}"));
        _folder.Write("site/large.txt", text);
        await using var server = RunningServer.OfDirectory(Path.Combine(_folder.Path, "site"), certificate: _certificate);
        Assert.Equal(text, (await server.GetAsync("/large.txt")).Text);
        var part = await server.GetAsync("/large.txt", "Range: bytes=300000-300005\r\n");
        Assert.Equal((206, "050000"), (part.Status, part.Text));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_cgi_program_is_told_the_scheme()
    {
        await using var site = new CgiSite();
        site.Page("env", "echo \"$HTTPS $REQUEST_SCHEME $SERVER_PORT\"");
        var secure = site.Serve(certificate: _certificate);
        Assert.Equal($"on https {secure.Port}\n", (await secure.GetAsync("/cgi-bin/env", "Https: off\r\n")).Text);
        var plain = site.Serve();
        Assert.Equal($" http {plain.Port}\n", (await plain.GetAsync("/cgi-bin/env")).Text);
    }

    [Fact]
    public async Task The_platforms_client_takes_many_answers_at_once()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText(handler.Path), null, _certificate);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Equals(_certificate.Certificate) == true;
        using var client = new HttpClient(handler);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number =>
            client.GetStringAsync(new Uri($"{server.Url}/{number}"), TestContext.Current.CancellationToken)));
        Assert.Equal(Enumerable.Range(0, 50).Select(number => $"/{number}"), answers);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Curl_trusts_the_server_and_takes_an_answer_that_only_the_end_delimits()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("whole"), null, _certificate);
        var root = _authority.WriteRoot(_folder);
        await using var raw = ActionHandler.Serve(handler => handler.Wfile.Write("HTTP/1.0 200 OK\r\n\r\nto the end"u8), null, _certificate);
        var curl = Tool.Require("curl", "curl");
        Assert.Equal((0, "whole"), await CurlAsync($"https://localhost:{server.Port}/"));
        Assert.Equal((0, "to the end"), await CurlAsync($"https://localhost:{raw.Port}/"));
        Assert.Equal((0, "to the end"), await CurlAsync("--tls-max", "1.2", $"https://localhost:{raw.Port}/"));

        async Task<(int ExitCode, string Output)> CurlAsync(params string[] arguments)
        {
            var (exitCode, output, _) = await Tool.RunAsync(curl, ["-s", "-4", "--noproxy", "*", "--cacert", root, .. arguments]);
            return (exitCode, output);
        }
    }

    [Fact]
    public async Task Openssl_sees_the_whole_chain_and_the_protocol()
    {
        var openssl = Tool.Require("openssl", "openssl");
        await using var server = ActionHandler.Serve(handler => handler.SendText("secret"), null, _certificate);
        var (_, output, _) = await Tool.RunAsync(openssl, "s_client", "-connect", $"127.0.0.1:{server.Port}", "-alpn", "h2,http/1.1", "-CAfile", _authority.WriteRoot(_folder), "-showcerts");
        Assert.Contains("ALPN protocol: http/1.1", output);
        Assert.Contains("Verify return code: 0 (ok)", output);
        Assert.Equal(2, output.Split("-----BEGIN CERTIFICATE-----").Length - 1);
    }

    [Fact]
    public async Task It_listens_at_unix_sockets_too()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix domain sockets.");
        var path = Path.Combine(_folder.Path, "s");
        await using var server = new ThreadingHttpsServer(
            [new UnixDomainSocketEndPoint(path)], () => ActionHandler.Of(handler => handler.SendText("secret")), _certificate, new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        var (_, output, errors) = await Tool.RunAsync(
            Tool.Require("curl", "curl"), "-sS", "--noproxy", "*", "--cacert", _authority.WriteRoot(_folder), "--unix-socket", path, "https://localhost/");
        Assert.Equal(("secret", ""), (output, errors));
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }

    [Fact]
    public async Task Create_listens_on_all_interfaces_with_a_new_handler_for_each_connection()
    {
        await using var server = ThreadingHttpsServer.Create<Hello>(0, _certificate, new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        using var client = await RawClient.ConnectTlsAsync(server.ServerPort, _authority.Root);
        await client.SendAsync(Get);
        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }

    [Fact]
    public void A_certificate_is_needed() => Assert.Throws<ArgumentNullException>(
        () => new ThreadingHttpsServer(new IPEndPoint(IPAddress.Loopback, 0), () => new SimpleHttpRequestHandler(), null!));

    private sealed class Hello : BaseHttpRequestHandler
    {
        public void DoGet() => SendText("hello");
    }
}
