using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Programs with one store hold their clients to one limit, and serve while it is away.</summary>
public sealed class StateStoreTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public StateStoreTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("localhost:6379", "--state-store: 'localhost:6379' is no address of a store: give redis://HOST:PORT, or rediss://HOST:PORT for TLS.")]
    [InlineData("redis://anna:secret@localhost/x", "--state-store: 'redis://...@localhost/x' is no address of a store: behind the host comes the number of the database")]
    public async Task What_is_no_address_is_told_without_its_password(string url, string message)
    {
        var (code, _, errors) = await ServerProgram.RunAsync("--state-store", url);
        Assert.Equal(2, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_away_is_said_and_no_hindrance()
    {
        // Nobody listens at the port of the discard protocol.
        await using var program = await ServeAsync("redis://:secret@127.0.0.1:9");
        Assert.Equal([200, 200, 200, 429], await StatusesAsync([program, program, program, program]));
        var errors = (await program.StopAsync()).Errors;
        Assert.Contains("The store redis://127.0.0.1:9 is away: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis", false, new[] { 200, 200, 200, 429, 429 })]
    [InlineData("rediss", true, new[] { 200, 200, 200, 429, 429 })]
    // Each counts for itself, for the store's certificate is nobody's that is trusted.
    [InlineData("rediss", false, new[] { 200, 200, 200, 200, 200 })]
    public async Task Programs_count_together(string scheme, bool trustsAuthority, int[] expected)
    {
        var redis = Tool.Require("redis-server", "redis-server");
        using var authority = new ClientAuthority("CN=Stores");
        using var issued = authority.Issue("CN=store", ClientAuthority.ForServers, names: LoopbackName());
        var root = _folder.Write("authority.pem", authority.Root.ExportCertificatePem());
        string[] listens = scheme == "rediss"
            ? ["--port", "0", "--tls-auth-clients", "no", "--tls-ca-cert-file", root, .. WriteCertificate(issued), "--tls-port"]
            : ["--port"];
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        probe.Close();
        using var store = Process.Start(new ProcessStartInfo(redis, [.. listens, $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder.Path]) { RedirectStandardOutput = true })!;
        while (await store.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
            // The lines before.
        }

        try
        {
            var url = $"{scheme}://127.0.0.1:{port}";
            await using var one = await ServeAsync(url, trustsAuthority ? root : null);
            await using var other = await ServeAsync(url, trustsAuthority ? root : null);
            Assert.Equal(expected, await StatusesAsync([one, other, one, other, one]));
        }
        finally
        {
            store.Kill();
            await store.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<List<int>> StatusesAsync(IEnumerable<ServerProgram> programs)
    {
        var statuses = new List<int>();
        foreach (var program in programs)
            statuses.Add((await program.GetAsync("/a.txt")).Status);
        return statuses;
    }

    private static X509Extension LoopbackName()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        return names.Build();
    }

    /// <summary>The options of a store that shows the certificate.</summary>
    private string[] WriteCertificate(X509Certificate2 issued)
    {
        using var key = issued.GetECDsaPrivateKey()!;
        return
        [
            "--tls-cert-file", _folder.Write("store.pem", issued.ExportCertificatePem()),
            "--tls-key-file", _folder.Write("store.key", key.ExportPkcs8PrivateKeyPem()),
        ];
    }

    /// <param name="url">The store.</param>
    /// <param name="authority">The file of the only authority that the server trusts; null for those of the system.</param>
    private Task<ServerProgram> ServeAsync(string url, string? authority = null) => ServerProgram.ServeAsync(
        null, ["0", "--bind", "127.0.0.1", "--directory", _folder.Path, "--rate-limit", "3/h", "--state-store", url],
        authority is null ? null : new Dictionary<string, string> { ["SSL_CERT_FILE"] = authority });
}
