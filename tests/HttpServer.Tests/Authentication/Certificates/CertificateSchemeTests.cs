using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Authentication.Certificates;

/// <summary>Who is let in by a certificate that is shown in the handshake.</summary>
public sealed class CertificateSchemeTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    private static readonly ServerCertificate Certificate = ServerCertificate.SelfSigned();
    private readonly ClientAuthority _authority = new();
    private readonly ClientAuthority _other = new();

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("right", 200)]
    [InlineData("none", 401)]
    [InlineData("other authority of the same name", 401)]
    [InlineData("expired", 401)]
    [InlineData("not yet valid", 401)]
    [InlineData("self-signed", 401)]
    [InlineData("self-signed with the name of the authority", 401)]
    [InlineData("for servers", 401)]
    [InlineData("for anything", 200)]
    [InlineData("for every use", 200)]
    [InlineData("issued below", 200)]
    [InlineData("issued below, alone", 401)]
    [InlineData("issued below by another", 401)]
    [InlineData("issued by a client", 401)]
    [InlineData("without a name", 401)]
    public async Task A_certificate_of_the_authority_lets_in(string kind, int status)
    {
        foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            await using var server = Serve(AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]));
            using var client = await ConnectAsync(server, version, kind);
            for (var n = 0; n < 3; n++)
            {
                await client.SendAsync(Get);
                var answer = await client.ReadResponseAsync();
                Assert.Equal((kind, status), (kind, answer.Status));
                Assert.Equal(status == 200 ? "ClientCertificate anna" : null, status == 200 ? answer.Text : null);
                Assert.Equal(status == 200 ? null : "ClientCertificate realm=\"Staff\"", answer["WWW-Authenticate"]);
            }

            await client.SendAsync("GET /open HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
            Assert.Empty(server.Log.Errors);
        }
    }

    [Theory]
    [InlineData("right", 200)]
    [InlineData("self-signed", 200)]
    [InlineData("self-signed, expired", 401)]
    [InlineData("self-signed for servers", 401)]
    [InlineData("none", 401)]
    public async Task A_thumbprint_lets_in_whoever_has_issued_it(string kind, int status)
    {
        using var known = Make(kind).Leaf;
        foreach (var thumbprint in Spell(known ?? _authority.Root))
        {
            await using var server = Serve(AuthenticationScheme.ClientCertificate("Staff", null, [thumbprint]));
            using var client = await ConnectAsync(server, SslProtocols.None, known, []);
            await client.SendAsync(Get);
            Assert.Equal((thumbprint, status), (thumbprint, (await client.ReadResponseAsync()).Status));
        }

        await using var strict = Serve(AuthenticationScheme.ClientCertificate("Staff", null, [_other.Root.GetCertHashString(HashAlgorithmName.SHA256)]));
        using var wrong = await ConnectAsync(strict, SslProtocols.None, known, []);
        await wrong.SendAsync(Get);
        Assert.Equal(401, (await wrong.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task With_an_authority_and_thumbprints_both_have_to_hold()
    {
        using var anna = _authority.Issue("CN=anna");
        using var otto = _authority.Issue("CN=otto");
        using var stranger = _other.Issue("CN=anna");
        await using var server = Serve(AuthenticationScheme.ClientCertificate(
            "Staff", [_authority.Root], [anna.Thumbprint, stranger.Thumbprint]));
        foreach (var (certificate, status) in new[] { (anna, 200), (otto, 401), (stranger, 401) })
            Assert.Equal(status, (await AskAsync(server, certificate)).Status);
    }

    [Fact]
    public async Task A_file_of_authorities_has_roots_and_those_between()
    {
        using var folder = new TempDirectory();
        var file = folder.Write("ca.pem", _other.Root.ExportCertificatePem() + "\n" + _authority.Intermediate.ExportCertificatePem() + "\n"
            + _authority.Root.ExportCertificatePem());
        using var below = _authority.Issue("CN=anna", isBetween: true);
        using var stranger = _other.Issue("CN=otto");
        using var unknown = _other.Issue("CN=eva", isBetween: true);
        await using var server = Serve(AuthenticationScheme.ClientCertificateFromFile("Staff", file));
        Assert.Equal("ClientCertificate anna", (await AskAsync(server, below)).Text);
        Assert.Equal("ClientCertificate otto", (await AskAsync(server, stranger)).Text);
        Assert.Equal(401, (await AskAsync(server, unknown)).Status);
    }

    [Fact]
    public async Task A_certificate_that_expires_ends_its_connections_rights()
    {
        var time = new LaterDate();
        using var certificate = _authority.Issue("CN=anna", to: 2);
        await using var server = Serve(AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]), new() { TimeProvider = time });
        using var client = await ConnectAsync(server, SslProtocols.None, certificate, []);
        foreach (var status in new[] { 200, 401 })
        {
            await client.SendAsync(Get);
            Assert.Equal(status, (await client.ReadResponseAsync()).Status);
            time.Days = 3;
            await client.SendAsync("GET /open HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
    }

    [Theory]
    [InlineData("CN=anna", "", "anna")]
    [InlineData("CN=anna, O=Us", "dns:host", "anna")]
    [InlineData("CN=Anna Zöllner, CN=Users, DC=corp", "", "Anna Zöllner")]
    [InlineData("O=Us", "dns:host.example mail:a@b", "host.example")]
    [InlineData("O=Us", "uri:x mail:a@b.example dns:host", "a@b.example")]
    [InlineData("", "upn:anna@corp.example", "anna@corp.example")]
    [InlineData("O=Us", "uri:x", null)]
    [InlineData("O=Us", "", null)]
    public async Task The_user_is_named_by_the_certificate(string subject, string names, string? user)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var value = name[(name.IndexOf(':') + 1)..];
            switch (name[0])
            {
                case 'd': builder.AddDnsName(value); break;
                case 'm': builder.AddEmailAddress(value); break;
                case 'u' when name.StartsWith("upn", StringComparison.Ordinal): builder.AddUserPrincipalName(value); break;
                default: builder.AddUri(new Uri("urn:" + value)); break;
            }
        }

        using var certificate = _authority.Issue(subject, names: names == "" ? null : builder.Build());
        await using var server = Serve(AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]));
        var answer = await AskAsync(server, certificate);
        Assert.Equal(user is null ? (401, null) : (200, "ClientCertificate " + user), (answer.Status, user is null ? null : answer.Text));
    }

    [Fact]
    public async Task A_function_gives_the_user_and_is_asked_for_good_certificates_alone()
    {
        var calls = new List<string>();
        var scheme = AuthenticationScheme.ClientCertificate("Staff", [_authority.Root], null, (certificate, _) =>
        {
            calls.Add(certificate.Subject);
            return new(certificate.Subject == "CN=anna" ? new HttpUser("Anna", "Ops") : null);
        });
        await using var server = Serve(scheme, roles: "Ops");
        using var anna = _authority.Issue("CN=anna");
        using var otto = _authority.Issue("CN=otto");
        using var stranger = _other.Issue("CN=anna");
        for (var n = 0; n < 2; n++)
        {
            Assert.Equal("ClientCertificate Anna", (await AskAsync(server, anna)).Text);
            Assert.Equal(401, (await AskAsync(server, otto)).Status);
            Assert.Equal(401, (await AskAsync(server, stranger)).Status);
        }

        Assert.Equal(["CN=anna", "CN=otto", "CN=otto"], calls);
    }

    [Fact]
    public async Task Clients_are_asked_where_that_is_wanted_and_by_new_connections_alone()
    {
        var asks = false;
        using var certificate = _authority.Issue("CN=anna");
        var scheme = AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]);
        await using var server = new RunningServer(() => new Guarded { Access = new() { Schemes = [scheme] } }, new() { AsksForClientCertificate = () => asks }, Certificate);
        Assert.DoesNotContain(CertificateRequest, await ReadHandshakeAsync(server));
        using var early = await ConnectAsync(server, SslProtocols.None, certificate, []);
        asks = true;
        Assert.Contains(CertificateRequest, await ReadHandshakeAsync(server));
        await early.SendAsync(Get);
        Assert.Equal(401, (await early.ReadResponseAsync()).Status);
        Assert.Equal(200, (await AskAsync(server, certificate)).Status);
        asks = false;
        Assert.DoesNotContain(CertificateRequest, await ReadHandshakeAsync(server));
        Assert.Equal(401, (await AskAsync(server, certificate)).Status);
    }

    [Fact]
    public async Task Where_nobody_can_show_one_the_log_says_so_once_and_headers_of_proxies_are_not_believed()
    {
        var scheme = AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]);
        var pem = Uri.EscapeDataString(_authority.Root.ExportCertificatePem());
        var headers = $"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-SSL-Client-Verify: SUCCESS\r\nX-Client-Cert: {pem}\r\nX-Forwarded-Client-Cert: Cert=\"{pem}\"\r\n";
        foreach (var certificate in new[] { null, Certificate })
        {
            await using var server = new RunningServer(
                () => new Guarded { Access = new() { Schemes = [scheme] } }, new() { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] }, certificate);
            for (var n = 0; n < 2; n++)
                Assert.Equal(401, (await server.GetAsync("/", headers)).Status);
            scheme = AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]);
            var warning = Assert.Single(server.Log.Messages, static message => message.Level == LogLevel.Warning);
            Assert.Contains(certificate is null ? "plain HTTP" : "AsksForClientCertificate", warning.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Other_schemes_are_ways_in_beside_it()
    {
        var tokens = AuthenticationScheme.Bearer("Api", static (token, _) => new(token == "t" ? new HttpUser("robot") : null));
        await using var server = Serve(AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]), null, "", tokens);
        using var anna = _authority.Issue("CN=anna");
        using var stranger = _other.Issue("CN=anna");
        Assert.Equal("ClientCertificate anna", (await AskAsync(server, anna)).Text);
        Assert.Equal("ClientCertificate anna", (await AskAsync(server, anna, "Authorization: Bearer x\r\n")).Text);
        Assert.Equal("Bearer robot", (await AskAsync(server, stranger, "Authorization: Bearer t\r\n")).Text);
        Assert.Equal("Bearer robot", (await AskAsync(server, null, "Authorization: Bearer t\r\n")).Text);
        Assert.Equal(401, (await AskAsync(server, stranger)).Status);
    }

    [Fact]
    public async Task Files_are_guarded_and_many_clients_come_at_once()
    {
        using var folder = new TempDirectory();
        folder.Write("a.txt", "content");
        var scheme = AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]);
        await using var server = RunningServer.OfDirectory(
            folder.Path, handler => handler.Access = new() { Schemes = [scheme] }, new() { AsksForClientCertificate = static () => true }, Certificate);
        using var anna = _authority.Issue("CN=anna", isBetween: true);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            using var client = await ConnectAsync(server, SslProtocols.None, number % 2 == 0 ? anna : null, [_authority.Intermediate]);
            await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\nGET /none HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(number % 2 == 0 ? 200 : 401, (await client.ReadResponseAsync()).Status);
            Assert.Equal(number % 2 == 0 ? 404 : 401, (await client.ReadResponseAsync()).Status);
        }));
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--tls-max 1.2")]
    public async Task Curl_shows_its_certificate(string more)
    {
        var curl = Tool.Require("curl", "curl");
        using var folder = new TempDirectory();
        await using var server = Serve(AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]));
        foreach (var (certificate, expected) in new[] { (_authority.Issue("CN=anna"), "ClientCertificate anna 200"), (_other.Issue("CN=anna"), " 401") })
        {
            var file = folder.Write("client.pem", certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            var (code, output, errors) = await Tool.RunAsync(
                curl, [.. more.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-sk", "--noproxy", "*", "--cert", file, "-w", " %{http_code}", server.Url + "/"]);
            Assert.True(code == 0, errors);
            Assert.EndsWith(expected, output, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// Below a certificate of the same name that has not signed it, OpenSSL finds a wrong signature, for which it may end the handshake.
    /// </summary>
    [Fact]
    public async Task A_forged_chain_lets_nobody_in()
    {
        await using var server = Serve(AuthenticationScheme.ClientCertificate("Staff", [_authority.Root]));
        var (leaf, _) = IssueBelow(_other.Issue(_authority.Root.Subject));
        foreach (var above in new[] { _authority.Root, _other.Issue(_authority.Root.Subject) })
        {
            try
            {
                using var client = await ConnectAsync(server, SslProtocols.None, leaf, [above]);
                await client.SendAsync(Get);
                Assert.Equal(401, (await client.ReadResponseAsync()).Status);
            }
            catch (IOException)
            {
                // The handshake has ended.
            }
        }

        using var anna = _authority.Issue("CN=anna");
        Assert.Equal(200, (await AskAsync(server, anna)).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public void What_would_let_everybody_in_or_nobody_is_refused()
    {
        using var leaf = _authority.Issue("CN=anna");
        using var folder = new TempDirectory();
        foreach (var make in new Action[]
        {
            () => AuthenticationScheme.ClientCertificate("A", null),
            () => AuthenticationScheme.ClientCertificate("A", [], []),
            () => AuthenticationScheme.ClientCertificate("A", [leaf]),
            () => AuthenticationScheme.ClientCertificate("A", [_authority.Intermediate]),
            () => AuthenticationScheme.ClientCertificate("", [_authority.Root]),
            () => AuthenticationScheme.ClientCertificate("A", null, [""]),
            () => AuthenticationScheme.ClientCertificate("A", null, ["abc"]),
            () => AuthenticationScheme.ClientCertificate("A", null, [leaf.Thumbprint[1..] + "g"]),
            () => AuthenticationScheme.ClientCertificate("A", [_authority.Root], [leaf.Thumbprint + "00"]),
            () => AuthenticationScheme.ClientCertificateFromFile("A", Path.Combine(folder.Path, "none.pem")),
            () => AuthenticationScheme.ClientCertificateFromFile("A", folder.Path),
            () => AuthenticationScheme.ClientCertificateFromFile("A", folder.Write("empty.pem", "")),
            () => AuthenticationScheme.ClientCertificateFromFile("A", folder.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
        })
            Assert.Throws<ArgumentException>(make);
    }

    private const int CertificateRequest = 13;

    private static IEnumerable<string> Spell(X509Certificate2 certificate)
    {
        var sha256 = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        return [certificate.Thumbprint, sha256, sha256.ToLowerInvariant(), "\u200e" + certificate.Thumbprint.ToLowerInvariant(),
            string.Join(':', sha256.Chunk(2).Select(static pair => new string(pair))), string.Join(' ', sha256.Chunk(2).Select(static pair => new string(pair)))];
    }

    private static RunningServer Serve(AuthenticationScheme scheme, HttpServerOptions? options = null, string roles = "", params AuthenticationScheme[] more) => new(
        () => new Guarded { Access = new() { Schemes = [scheme, .. more], Rules = ["@* /:rw", "* /open:r"], Roles = roles.Split(',', StringSplitOptions.RemoveEmptyEntries) } },
        (options ?? new()) with { AsksForClientCertificate = static () => true },
        Certificate);

    private (X509Certificate2? Leaf, X509Certificate2Collection Between) Make(string kind) => kind switch
    {
        "right" => (_authority.Issue("CN=anna"), []),
        "none" => (null, []),
        "other authority of the same name" => (_other.Issue("CN=anna"), []),
        "expired" => (_authority.Issue("CN=anna", from: -5, to: -1), []),
        "not yet valid" => (_authority.Issue("CN=anna", from: 1), []),
        "self-signed" => (ClientAuthority.SelfSign("CN=anna"), []),
        "self-signed, expired" => (ClientAuthority.SelfSign("CN=anna", to: -1), []),
        "self-signed for servers" => (ClientAuthority.SelfSign("CN=anna", use: ClientAuthority.ForServers), []),
        "self-signed with the name of the authority" => (ClientAuthority.SelfSign(_authority.Root.Subject), []),
        "for servers" => (_authority.Issue("CN=anna", ClientAuthority.ForServers), []),
        "for anything" => (_authority.Issue("CN=anna", null), []),
        "for every use" => (_authority.Issue("CN=anna", "2.5.29.37.0"), []),
        "issued below" => (_authority.Issue("CN=anna", isBetween: true), [_authority.Intermediate]),
        "issued below, alone" => (_authority.Issue("CN=anna", isBetween: true), []),
        "issued below by another" => (_other.Issue("CN=anna", isBetween: true), [_authority.Intermediate]),
        "issued by a client" => IssueBelow(_authority.Issue("CN=otto")),
        "without a name" => (_authority.Issue("O=Us"), []),
        _ => throw new ArgumentException(kind),
    };

    private static (X509Certificate2 Leaf, X509Certificate2Collection Between) IssueBelow(X509Certificate2 issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=anna", key, HashAlgorithmName.SHA256);
        using var issued = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), issuer.NotBefore, issuer.NotAfter, [1]);
        return (issued.CopyWithPrivateKey(key), [issuer]);
    }

    private async Task<RawClient> ConnectAsync(RunningServer server, SslProtocols version, string kind)
    {
        var (leaf, between) = Make(kind);
        return await ConnectAsync(server, version, leaf, between);
    }

    private static Task<RawClient> ConnectAsync(RunningServer server, SslProtocols version, X509Certificate2? leaf, X509Certificate2Collection between) =>
        RawClient.ConnectTlsAsync(server.Port, configure: options =>
        {
            options.EnabledSslProtocols = version;
            if (leaf is not null)
                options.ClientCertificateContext = SslStreamCertificateContext.Create(leaf, between, offline: true);
        });

    private static async Task<RawResponse> AskAsync(RunningServer server, X509Certificate2? leaf, string headers = "")
    {
        using var client = await ConnectAsync(server, SslProtocols.None, leaf, []);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
        return await client.ReadResponseAsync();
    }

    /// <summary>The kinds of messages of the server's side of a handshake of TLS 1.2, which is readable.</summary>
    private static async Task<List<int>> ReadHandshakeAsync(RunningServer server)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        using var copy = new MemoryStream();
        await using var stream = new SslStream(new CopyingStream(new NetworkStream(socket), copy));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = SslProtocols.Tls12, RemoteCertificateValidationCallback = static (_, found, _, _) => found is not null },
            TestContext.Current.CancellationToken);
        var kinds = new List<int>();
        var bytes = copy.ToArray();
        var messages = new List<byte>();
        for (var at = 0; at + 5 <= bytes.Length && bytes[at] == 22; at += 5 + (bytes[at + 3] << 8) + bytes[at + 4])
            messages.AddRange(bytes.AsSpan(at + 5, (bytes[at + 3] << 8) + bytes[at + 4]));
        for (var at = 0; at + 4 <= messages.Count; at += 4 + (messages[at + 1] << 16) + (messages[at + 2] << 8) + messages[at + 3])
            kinds.Add(messages[at]);
        return kinds;
    }

    private sealed class LaterDate : TimeProvider
    {
        public int Days { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddDays(Days);
    }

    private sealed class Guarded : BaseHttpRequestHandler
    {
        public Guarded() => ProtocolVersion = "HTTP/1.1";

        public void DoGet() => SendText($"{AuthType} {User}");
    }
}
