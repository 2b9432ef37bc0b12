using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Tls;

/// <summary>Certificates that change under a running server.</summary>
public sealed class CurrentCertificateTests : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RunningServer _server;

    public CurrentCertificateTests()
    {
        var (certificate, key) = _authority.Write(_folder, name: "first");
        _server = ActionHandler.Serve(
            handler => handler.SendText("hello"), new HttpServerOptions { TimeProvider = _time }, ServerCertificate.FromPemFile(certificate, key));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Files_that_have_changed_are_read_anew_within_a_second()
    {
        Assert.Equal("CN=first", await SubjectAsync());
        Change("second");
        Assert.Equal("CN=first", await SubjectAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=second", await SubjectAsync());
        Assert.Contains("was read anew", Assert.Single(_server.Log.Messages).Text);
        Change("third");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=third", await SubjectAsync());
    }

    [Fact]
    public async Task Open_connections_stay_as_they_are()
    {
        using var client = await _server.ConnectAsync();
        Change("second");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=second", await SubjectAsync());
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_broken_file_keeps_the_old_certificate_and_is_told_once()
    {
        _folder.Write("cert.pem", "broken");
        for (var second = 0; second < 3; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("CN=first", await SubjectAsync());
        }

        Assert.Contains("the old one stays. " + Path.Combine(_folder.Path, "cert.pem") + " has no certificate", Assert.Single(_server.Log.Errors));
        File.Delete(Path.Combine(_folder.Path, "cert.pem"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=first", await SubjectAsync());
        Assert.Equal(2, _server.Log.Errors.Count());
        Change("second");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=second", await SubjectAsync());
    }

    [Fact]
    public async Task A_link_that_leads_elsewhere_counts_as_a_change()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets few users make links.");
        // As certbot and Kubernetes do it: a link in the middle of the path is replaced.
        using var folder = new TempDirectory();
        using var old = new TempDirectory();
        using var renewed = new TempDirectory();
        _authority.Write(old, name: "old");
        _authority.Write(renewed, name: "renewed");
        var link = Path.Combine(folder.Path, "live");
        Directory.CreateSymbolicLink(link, old.Path);
        await using var server = ActionHandler.Serve(
            handler => handler.SendText("hello"),
            new HttpServerOptions { TimeProvider = _time },
            ServerCertificate.FromPemFile(Path.Combine(link, "cert.pem"), Path.Combine(link, "key.pem")));
        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, renewed.Path);
        _time.Advance(TimeSpan.FromSeconds(1));
        using var client = await server.ConnectAsync();
        Assert.Equal("CN=renewed", client.Certificate!.Subject);
    }

    [Theory]
    [InlineData("written over")]
    [InlineData("renamed")]
    [InlineData("linked")]
    public async Task A_renewal_fails_no_connection(string way)
    {
        Assert.SkipWhen(way == "linked" && OperatingSystem.IsWindows(), "Windows lets few users make links.");
        using var folder = new TempDirectory();
        var files = new RenewedFiles(folder, way);
        var (certificate, key) = Write(0);
        await using var server = ActionHandler.Serve(static handler => handler.SendText("hello"), new HttpServerOptions { TimeProvider = _time },
            ServerCertificate.FromPemFile(certificate, key));
        using var end = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 3).Select(_ => ConnectAsync(server, end.Token))];
        for (var renewal = 1; renewal <= 3; renewal++)
        {
            var (nextCertificate, nextKey) = Issue($"renewal{renewal}");
            files.Replace("fullchain.pem", nextCertificate, renewal);
            _time.Advance(TimeSpan.FromSeconds(1));
            // The new certificate and the old key do not fit.
            Assert.Equal($"CN=renewal{renewal - 1}", await SubjectAsync(server));
            files.Replace("privkey.pem", nextKey, renewal);
            _time.Advance(TimeSpan.FromSeconds(1));
            // The connection of another client may be the one that has the files read.
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (await SubjectAsync(server) != $"CN=renewal{renewal}")
                limit.Token.ThrowIfCancellationRequested();
        }

        await end.CancelAsync();
        await Task.WhenAll(clients);

        (string Certificate, string Key) Write(int renewal)
        {
            var issued = Issue($"renewal{renewal}");
            return (files.Replace("fullchain.pem", issued.Certificate, renewal), files.Replace("privkey.pem", issued.Key, renewal));
        }
    }

    private (string Certificate, string Key) Issue(string name)
    {
        using var issued = new TempDirectory();
        var (certificate, key) = _authority.Write(issued, name: name);
        return (File.ReadAllText(certificate), File.ReadAllText(key));
    }

    /// <summary>Asks over one connection after the other; each is to be answered, by a server that the authority vouches for.</summary>
    private async Task ConnectAsync(RunningServer server, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            using var client = await RawClient.ConnectTlsAsync(server.Port, _authority.Root);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        }
    }

    private void Change(string name)
    {
        var (certificate, _) = _authority.Write(_folder, name: name);
        // A file system may have but one time for all that happens in a few milliseconds.
        File.SetLastWriteTimeUtc(certificate, DateTime.UtcNow.AddSeconds(name.Length * 10));
    }

    private Task<string> SubjectAsync() => SubjectAsync(_server);

    private static async Task<string> SubjectAsync(RunningServer server)
    {
        using var client = await server.ConnectAsync();
        return client.Certificate!.Subject;
    }
}
