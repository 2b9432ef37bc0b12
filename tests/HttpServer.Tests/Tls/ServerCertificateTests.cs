using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Tls;

public sealed class ServerCertificateTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("RSA", null)]
    [InlineData("RSA", "geheim")]
    [InlineData("ECDSA", null)]
    [InlineData("ECDSA", "geheim")]
    public async Task A_pem_certificate_is_served_with_the_ones_above_it(string kind, string? password)
    {
        var (certificate, key) = _authority.Write(_folder, kind, password);
        await AssertTrustedAsync(ServerCertificate.FromPemFile(certificate, key, password));
        await AssertTrustedAsync(ServerCertificate.FromFile(certificate, key, password));
    }

    [Theory]
    [InlineData("RSA")]
    [InlineData("ECDSA")]
    public async Task The_key_may_have_the_form_of_its_kind(string kind)
    {
        using var key = TestAuthority.NewKey(kind);
        using var certificate = _authority.Issue(key);
        var pem = key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : ((ECDsa)key).ExportECPrivateKeyPem();
        var path = _folder.Write("all.pem", $"{pem}\n{_authority.Intermediate.ExportCertificatePem()}\n{certificate.ExportCertificatePem()}");
        // In one file, and in whatever order.
        await AssertTrustedAsync(ServerCertificate.FromPemFile(path));
    }

    [Theory]
    [InlineData("RSA", null)]
    [InlineData("ECDSA", "geheim")]
    public async Task A_pfx_certificate_is_served_with_the_ones_above_it(string kind, string? password)
    {
        var path = WritePfx(kind, password);
        await AssertTrustedAsync(ServerCertificate.FromPfxFile(path, password));
        await AssertTrustedAsync(ServerCertificate.FromFile(path, null, password));
    }

    [Fact]
    public async Task A_certificate_that_is_there_already_is_served()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = _authority.Issue(key);
        using var whole = certificate.CopyWithPrivateKey(key);
        await AssertTrustedAsync(ServerCertificate.FromCertificate(whole, [_authority.Intermediate]));
        Assert.Contains("no private key", Assert.Throws<ArgumentException>(() => ServerCertificate.FromCertificate(certificate)).Message);
    }

    [Fact]
    public async Task A_certificate_made_in_memory_is_for_this_machine_and_for_a_year()
    {
        var certificate = ServerCertificate.SelfSigned("example.test", "192.0.2.1");
        Assert.All(["localhost", "127.0.0.1", "::1", "example.test", "192.0.2.1"], name => Assert.True(certificate.Certificate.MatchesHostname(name), name));
        Assert.False(certificate.Certificate.MatchesHostname("other.test"));
        Assert.Equal(1, (certificate.Certificate.NotAfter - DateTime.Now).TotalDays / 365, 0.01);
        Assert.Equal("1.2.840.10045.3.1.7", certificate.Certificate.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
        await AssertTrustedAsync(certificate, certificate.Certificate);
    }

    [Fact]
    public void The_fingerprint_has_the_form_that_browsers_show()
    {
        var certificate = ServerCertificate.SelfSigned();
        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", certificate.Fingerprint);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(certificate.Certificate.RawData)), certificate.Fingerprint.Replace(":", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var (certificate, _) = _authority.Write(_folder);
        var missing = Path.Combine(_folder.Path, "missing.pem");
        AssertFails(() => ServerCertificate.FromPemFile(missing), $"There is no file {missing}");
        AssertFails(() => ServerCertificate.FromPemFile(certificate, missing), $"There is no file {missing}");
        AssertFails(() => ServerCertificate.FromFile(Path.Combine(_folder.Path, "no", "cert.pem")), "There is no file");
        AssertFails(() => ServerCertificate.FromFile(_folder.Path), $"Cannot read {_folder.Path}");
    }

    [Fact]
    public void A_missing_key_is_named()
    {
        var (certificate, _) = _authority.Write(_folder);
        AssertFails(() => ServerCertificate.FromPemFile(certificate), $"{certificate} has no private key", "Give the file that has it");
        AssertFails(() => ServerCertificate.FromPemFile(certificate, certificate), $"{certificate} has no private key");
        AssertFails(() => ServerCertificate.FromPemFile(certificate, _authority.WriteRoot(_folder)), "root.pem has no private key");
        var pfx = Path.Combine(_folder.Path, "cert.pfx");
        File.WriteAllBytes(pfx, _authority.Root.Export(X509ContentType.Pfx));
        AssertFails(() => ServerCertificate.FromPfxFile(pfx), $"{pfx} has no private key");
    }

    [Theory]
    [InlineData("RSA")]
    [InlineData("ECDSA")]
    public void A_key_of_another_certificate_is_refused(string kind)
    {
        var (certificate, _) = _authority.Write(_folder);
        using var other = TestAuthority.NewKey(kind);
        var key = _folder.Write("other.pem", other.ExportPkcs8PrivateKeyPem());
        AssertFails(() => ServerCertificate.FromPemFile(certificate, key), $"The key in {key} does not fit the certificate in {certificate}");
    }

    [Fact]
    public void A_wrong_or_missing_password_is_told()
    {
        var (certificate, key) = _authority.Write(_folder, password: "geheim");
        AssertFails(() => ServerCertificate.FromPemFile(certificate, key), $"The key in {key} is encrypted", "Give its password");
        AssertFails(() => ServerCertificate.FromPemFile(certificate, key, "falsch"), $"Cannot read the key in {key}", "the password is wrong");
        var pfx = WritePfx("ECDSA", "geheim");
        AssertFails(() => ServerCertificate.FromPfxFile(pfx), $"Cannot read {pfx} without a password", "Give its password");
        AssertFails(() => ServerCertificate.FromPfxFile(pfx, "falsch"), $"Cannot read {pfx}", "the password is wrong");
    }

    [Fact]
    public void Damaged_files_are_named()
    {
        var (certificate, key) = _authority.Write(_folder);
        var text = _folder.Write("text.pem", "hello");
        AssertFails(() => ServerCertificate.FromPemFile(text, key), $"{text} has no certificate");
        AssertFails(() => ServerCertificate.FromFile(text), $"{text} is neither a PEM nor a PFX file");
        AssertFails(() => ServerCertificate.FromFile(_folder.Write("empty.pem", "")), "is neither a PEM nor a PFX file");
        AssertFails(() => ServerCertificate.FromFile(WritePfx("RSA", null), key), $"Cannot use the key {key}");
        var broken = _folder.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        AssertFails(() => ServerCertificate.FromPemFile(broken, key), $"A certificate in {broken} is damaged");
        var brokenKey = _folder.Write("brokenkey.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        AssertFails(() => ServerCertificate.FromPemFile(certificate, brokenKey), $"Cannot read the key in {brokenKey}", "RSA nor ECDSA");
    }

    [Fact]
    public async Task A_key_encrypted_in_the_old_way_is_told_how_to_convert()
    {
        var (certificate, key) = _authority.Write(_folder, "RSA");
        var old = Path.Combine(_folder.Path, "old.pem");
        await Tool.RunAsync(Tool.Require("openssl", "openssl"), "rsa", "-aes256", "-traditional", "-passout", "pass:geheim", "-in", key, "-out", old);
        Assert.Contains("DEK-Info", File.ReadAllText(old));
        AssertFails(() => ServerCertificate.FromPemFile(certificate, old, "geheim"), $"The key in {old} is encrypted in an old way", "openssl pkcs8 -topk8");
    }

    private static void AssertFails(Func<ServerCertificate> load, params string[] texts)
    {
        var message = Assert.Throws<ServerStartException>(load).Message;
        Assert.All(texts, text => Assert.Contains(text, message));
        Assert.DoesNotContain('\n', message);
        Assert.EndsWith(".", message);
    }

    private async Task AssertTrustedAsync(ServerCertificate certificate, X509Certificate2? root = null)
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("secret"), null, certificate);
        using var client = await RawClient.ConnectTlsAsync(server.Port, root ?? _authority.Root);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("secret", (await client.ReadResponseAsync()).Text);
        Assert.Equal(certificate.Certificate, client.Certificate);
    }

    private string WritePfx(string kind, string? password)
    {
        using var key = TestAuthority.NewKey(kind);
        using var certificate = _authority.Issue(key);
        using var whole = key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);
        var path = Path.Combine(_folder.Path, "cert.pfx");
        File.WriteAllBytes(path, new X509Certificate2Collection { _authority.Intermediate, whole }.Export(X509ContentType.Pfx, password)!);
        return path;
    }
}
