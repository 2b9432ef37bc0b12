using System.Runtime.InteropServices;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Logs that others rename, cut off or write too, and the signal that has everything opened anew.</summary>
public sealed class HangupTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _folder = new();
    private readonly TempDirectory _logs = new();

    public HangupTests()
    {
        _folder.Write("a.txt", "content");
    }

    private string Log => Path.Combine(_logs.Path, "access.log");

    public void Dispose()
    {
        _folder.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task SIGHUP_opens_the_log_anew_and_the_server_goes_on()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log);
        await program.GetAsync("/first");
        await WaitForTextAsync(Log, "/first");
        File.Move(Log, Log + ".1");
        program.Signal(PosixSignal.SIGHUP);
        await WaitForAsync(() => File.Exists(Log));
        await program.GetAsync("/second");
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        Assert.Contains("/first", Assert.Single(File.ReadAllLines(Log + ".1")));
        Assert.Contains("/second", Assert.Single(File.ReadAllLines(Log)));
    }

    [Fact]
    public async Task SIGHUP_reads_users_and_certificate_anew_and_says_so()
    {
        var users = Path.Combine(_logs.Path, "users");
        var hash = (await ServerProgram.RunToolAsync("/bin/sh", ["-c", $"printf 'secret\\nsecret\\n' | {ServerProgram.Launcher}'{ServerProgram.File}' hash-password ann"])).Output;
        File.WriteAllText(users, hash);
        var certificate = Path.Combine(_logs.Path, "cert.pem");
        using (var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256))
        {
            var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=localhost", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
            using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(certificate, made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        }

        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--tls-cert", certificate, "--auth-file", users, "--log", Log);
        program.Signal(PosixSignal.SIGHUP);
        await WaitForTextAsync(Log, $"The users in {users} were read anew.");
        await WaitForTextAsync(Log, $"The certificate {certificate} was read anew.");
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task A_log_that_is_cut_off_while_serving_has_no_gap()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log);
        await program.GetAsync("/first");
        await WaitForTextAsync(Log, "/first");
        File.WriteAllText(Log, "");
        await program.GetAsync("/second");
        await program.StopAsync();
        Assert.Contains("/second", Assert.Single(File.ReadAllLines(Log)));
        Assert.DoesNotContain((byte)0, File.ReadAllBytes(Log));
    }

    [Fact]
    public async Task Two_servers_with_one_log_keep_all_lines()
    {
        const int Requests = 300;
        await using var one = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log);
        await using var other = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log);
        await Task.WhenAll(new[] { one, other }.Select(async program =>
        {
            using var client = await program.ConnectAsync();
            for (var n = 0; n < Requests; n++)
            {
                await client.SendAsync($"GET /a.txt?{program.Id}-{n} HTTP/1.1\r\nHost: test\r\n\r\n");
                await client.ReadResponseAsync();
            }
        }));
        await one.StopAsync();
        await other.StopAsync();
        var lines = await File.ReadAllLinesAsync(Log, TestContext.Current.CancellationToken);
        Assert.Equal(2 * Requests, lines.Length);
        Assert.Equal(2 * Requests, lines.Select(line => line.Split('"')[1]).Distinct().Count());
    }

    [Fact]
    public async Task A_log_on_a_full_device_is_told_at_the_start()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no /dev/full.");
        var result = await ServerProgram.RunAsync("0", "-d", _folder.Path, "--log", "/dev/full");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("httpserver: Cannot write the log /dev/full: No space left on device", result.Errors);
    }

    private static Task WaitForTextAsync(string path, string text) => WaitForAsync(() =>
    {
        if (!File.Exists(path))
            return false;
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Contains(text, StringComparison.Ordinal);
    });

    private static async Task WaitForAsync(Func<bool> condition)
    {
        var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, "What was waited for never came.");
            await Task.Yield();
        }
    }
}
