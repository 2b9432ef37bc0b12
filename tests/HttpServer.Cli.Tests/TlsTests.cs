using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The options for HTTPS.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public TlsTests() => _folder.Write("site/a.txt", "secret");

    private string Site => Path.Combine(_folder.Path, "site");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_self_signed_certificate_is_made_and_its_fingerprint_printed()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site, "--tls-self-signed");
        Assert.Equal($"Serving {Site} on https://127.0.0.1:{program.Port}/ ...", program.Announcement);
        var fingerprint = await program.ReadOutputLineAsync();
        using var client = await RawClient.ConnectTlsAsync(program.Port);
        Assert.Equal(
            $"The certificate's SHA-256 fingerprint is {string.Join(':', SHA256.HashData(client.Certificate!.RawData).Select(part => $"{part:X2}"))}", fingerprint);
        await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("secret", (await client.ReadResponseAsync()).Text);
        // Also where a connection waits in its handshake.
        using var silent = await RawClient.ConnectAsync(program.Port);
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_certificate_and_its_key_are_read_from_pem_files(bool isEncrypted)
    {
        var (certificate, key) = WritePem(isEncrypted ? "geheim" : null);
        string[] password = isEncrypted ? ["--tls-password-file", _folder.Write("password", "geheim\n")] : [];
        await using var program = await ServerProgram.ServeAsync(null, ["0", "-d", Site, "--tls-cert", certificate, "--tls-key", key, .. password]);
        Assert.Equal($"Serving {Site} on https://localhost:{program.Port}/ ... (all interfaces)", program.Announcement);
        var result = await CurlAsync("--cacert", certificate, $"https://localhost:{program.Port}/a.txt");
        Assert.Equal("secret", result.Output);
    }

    [Fact]
    public async Task A_pfx_file_and_other_options_go_together()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a shell script.");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = MakeCertificate(key);
        var pfx = Path.Combine(_folder.Path, "cert.pfx");
        await File.WriteAllBytesAsync(pfx, certificate.Export(X509ContentType.Pfx, "geheim"), TestContext.Current.CancellationToken);
        var script = _folder.Write("site/cgi-bin/env", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; echo \"$HTTPS $REQUEST_SCHEME\"\n");
        foreach (var path in new[] { _folder.Path, Site, Path.GetDirectoryName(script)!, script })
            OpenToAll(path);
        var socket = Path.Combine(_folder.Path, "s");
        await using var program = await ServerProgram.ServeAsync(
            "0", "-b", "localhost", "-b", $"unix:{socket}", "-d", Site, "--cgi", "--tls-cert", pfx, "--tls-password-file", _folder.Write("password", "geheim"));
        Assert.Contains($"unix:{socket} (HTTPS)", program.Announcement);
        Assert.Equal("on https\n", (await CurlAsync("-k", $"https://localhost:{program.Port}/cgi-bin/env")).Output);
        Assert.Equal("on https\n", (await CurlAsync("-k", "--unix-socket", socket, "https://localhost/cgi-bin/env")).Output);
    }

    [Fact]
    public async Task Http_at_the_https_port_and_the_reverse_leave_a_hint()
    {
        await using var secure = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site, "--tls-self-signed");
        Assert.Contains("This port speaks HTTPS", (await secure.GetAsync("/a.txt")).Text);
        Assert.Contains("must begin with https://", (await secure.StopAsync()).Errors);
        await using var plain = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site);
        Assert.NotEqual(0, (await CurlAsync("-k", $"https://127.0.0.1:{plain.Port}/")).ExitCode);
        Assert.Contains("must begin with http://", (await plain.StopAsync()).Errors);
    }

    [Theory]
    [InlineData("--tls-key belongs to a certificate: add --tls-cert FILE.", "--tls-key", "key.pem")]
    [InlineData("--tls-password-file belongs to a certificate: add --tls-cert FILE.", "--tls-password-file", "p")]
    [InlineData("--tls-key belongs to a certificate: add --tls-cert FILE.", "--tls-self-signed", "--tls-key", "key.pem")]
    [InlineData("--tls-self-signed makes a certificate and --tls-cert names one: give only one of them.", "--tls-cert", "c", "--tls-self-signed")]
    [InlineData("--tls-cert needs a value: --tls-cert FILE.", "--tls-cert")]
    [InlineData("The value of --tls-cert is empty.", "--tls-cert", "")]
    public async Task Options_that_do_not_fit_are_usage_errors(string problem, params string[] arguments)
    {
        var result = await ServerProgram.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"httpserver: {problem} Try 'httpserver --help'.", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task What_is_wrong_with_a_file_is_told_in_one_line()
    {
        var (certificate, key) = WritePem("geheim");
        var missing = Path.Combine(_folder.Path, "missing");
        await AssertCannotStartAsync($"There is no file {missing}", "--tls-cert", missing);
        await AssertCannotStartAsync($"{certificate} has no private key", "--tls-cert", certificate);
        await AssertCannotStartAsync($"The key in {key} is encrypted", "--tls-cert", certificate, "--tls-key", key);
        await AssertCannotStartAsync(
            "the password is wrong", "--tls-cert", certificate, "--tls-key", key, "--tls-password-file", _folder.Write("wrong", "falsch"));
        await AssertCannotStartAsync(missing, "--tls-cert", certificate, "--tls-key", key, "--tls-password-file", missing);
        await AssertCannotStartAsync("is empty", "--tls-cert", certificate, "--tls-key", key, "--tls-password-file", _folder.Write("empty", ""));
    }

    [Theory]
    [InlineData(-30, -1, "has expired")]
    [InlineData(1, 30, "is not valid before")]
    public async Task A_certificate_that_is_not_valid_now_is_warned_of(int from, int to, string warning)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to));
        var file = _folder.Write("site.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site, "--tls-cert", file);
        var errors = (await program.StopAsync()).Errors;
        Assert.Contains(warning, errors);
        Assert.Contains("CN=localhost", errors);
    }

    private static X509Certificate2 MakeCertificate(ECDsa key)
    {
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    }

    private static void OpenToAll(string path)
    {
        // As root the server runs programs as nobody.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    private static Task<ProgramResult> CurlAsync(params string[] arguments) =>
        ServerProgram.RunToolAsync(Tool.Require("curl", "curl"), ["-s", "--noproxy", "*", .. arguments]);

    private async Task AssertCannotStartAsync(string problem, params string[] arguments)
    {
        var result = await ServerProgram.RunAsync(["0", "-b", "127.0.0.1", "-d", Site, .. arguments]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(problem, Assert.Single(result.ErrorLines));
    }

    private (string Certificate, string Key) WritePem(string? password)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = MakeCertificate(key);
        return (_folder.Write("cert.pem", certificate.ExportCertificatePem()), _folder.Write("key.pem", password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))));
    }
}
