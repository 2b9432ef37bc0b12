using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests.Acme;

/// <summary>
/// Certificates of an authority that issues them by ACME (RFC 8555), with the commands of the document: a server answers what the
/// authority asks, and another one has the certificate, which is renewed while clients connect.
/// </summary>
public sealed class AcmeTests : IDisposable
{
    private const int Clients = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lego")]
    [InlineData("certbot")]
    public async Task A_certificate_is_got_and_renewed_and_no_connection_fails(string client)
    {
        var program = Tool.Require(client, client);
        var recipe = new AcmeRecipe(client, new Dictionary<string, string>
        {
            ["www.example.com"] = "localhost",
            ["/var/www/acme"] = _folder.MakeDirectory("acme"),
            ["/srv/www"] = _folder.MakeDirectory("site"),
            ["/etc/lego"] = Path.Combine(_folder.Path, "lego"),
            ["/etc/letsencrypt"] = Path.Combine(_folder.Path, "letsencrypt"),
            // Pebble's certificates are valid for five years.
            ["--days 30"] = "--days 10000",
        });
        _folder.Write("site/a.txt", "content");
        await using var webroot = await ServerProgram.ServeAsync(recipe.Webroot);
        await using var authority = await AcmeAuthority.StartAsync(webroot.Port);
        await RunAsync(program, Complete(recipe.Get, authority), authority);
        await using var server = await ServerProgram.ServeAsync(recipe.Server);
        using var root = await authority.ReadRootAsync();

        var seen = new ConcurrentDictionary<string, int>();
        using var end = new CancellationTokenSource();
        var connecting = Enumerable.Range(0, Clients).Select(_ => ConnectAsync(server.Port, root, seen, end.Token)).ToArray();
        await WaitAsync(() => seen.Values.Sum() > 10, connecting);
        var first = Assert.Single(seen.Keys);
        await RunAsync(program, Complete(recipe.Renew, authority), authority);
        await WaitAsync(() => seen.Count == 2, connecting);
        // What was connected before the renewal was seen may have the old certificate still; what is connected after it has not.
        await end.CancelAsync();
        await Task.WhenAll(connecting);
        var last = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => AskAsync(server.Port, root)));
        Assert.All(last, serial => Assert.NotEqual(first, serial));
        Assert.Contains("was read anew", (await server.StopAsync()).Errors);
        // The authority asks from several places.
        var asked = (await webroot.StopAsync()).ErrorLines.Where(static line => line.Contains("\"GET /.well-known/acme-challenge/", StringComparison.Ordinal)).ToList();
        Assert.True(asked.Count >= 2);
        Assert.All(asked, static line => Assert.Contains("\" 200 ", line, StringComparison.Ordinal));
    }

    /// <summary>What an authority of a test needs beside the document's arguments.</summary>
    private string[] Complete(string[] arguments, AcmeAuthority authority) => arguments switch
    {
        ["renew", ..] => [.. arguments, "--force-renewal", "--no-random-sleep-on-renew", .. CertbotFolders],
        ["certonly", ..] => [.. arguments, "--server", authority.Directory, .. CertbotFolders],
        _ => ["--server", authority.Directory, .. arguments],
    };

    private string[] CertbotFolders =>
    [
        "--config-dir", Path.Combine(_folder.Path, "letsencrypt"), "--work-dir", Path.Combine(_folder.Path, "work"), "--logs-dir", Path.Combine(_folder.Path, "logs"),
    ];

    private static async Task RunAsync(string program, string[] arguments, AcmeAuthority authority)
    {
        var result = await ServerProgram.RunToolAsync(program, arguments, Patience, new Dictionary<string, string>
        {
            ["LEGO_CA_CERTIFICATES"] = authority.RootFile,
            ["REQUESTS_CA_BUNDLE"] = authority.RootFile,
            ["NO_PROXY"] = "localhost",
            ["no_proxy"] = "localhost",
        });
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {result.Output}{result.Errors}");
    }

    /// <summary>Asks over one connection after the other, each with a handshake of its own.</summary>
    private static async Task ConnectAsync(int port, X509Certificate2 root, ConcurrentDictionary<string, int> seen, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            seen.AddOrUpdate(await AskAsync(port, root), 1, static (_, count) => count + 1);
    }

    /// <returns>The serial number of the server's certificate.</returns>
    private static async Task<string> AskAsync(int port, X509Certificate2 root)
    {
        using var client = await RawClient.ConnectTlsAsync(port, root);
        await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Equal("content", (await client.ReadResponseAsync()).Text);
        return client.Certificate!.SerialNumber;
    }

    private static async Task WaitAsync(Func<bool> isSo, Task[] connecting)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
            if (Array.Find(connecting, static task => task.IsFaulted) is { } failed)
                await failed;
            await Task.Delay(10, limit.Token);
        }
    }
}
