using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Cli.Tests.Acme;

/// <summary>Pebble, an authority for tests of ACME clients (RFC 8555), at free ports of the loopback address.</summary>
internal sealed class AcmeAuthority : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ClientAuthority _own = new("CN=Of the authority's own servers");
    private readonly int _port = ListeningProgram.FindFreePort();
    private readonly int _management = ListeningProgram.FindFreePort();
    private ListeningProgram? _program;

    /// <summary>Where clients begin.</summary>
    public string Directory => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{_port}/dir");

    /// <summary>The file of the certificate by which clients know the authority's own server.</summary>
    public string RootFile => Path.Combine(_folder.Path, "root.pem");

    /// <summary>Starts it.</summary>
    /// <param name="port">The port at which it asks for what a client has put into the webroot; that of the web is 80.</param>
    public static async Task<AcmeAuthority> StartAsync(int port)
    {
        var program = Tool.Require("pebble", "pebble");
        var authority = new AcmeAuthority();
        var configuration = authority.WriteFiles(port);
        var start = new System.Diagnostics.ProcessStartInfo(program, ["-config", configuration, "-strict"]);
        // It would wait for some seconds before it asks, and ask no more once it knows the account.
        start.Environment["PEBBLE_VA_NOSLEEP"] = "1";
        start.Environment["PEBBLE_AUTHZREUSE"] = "0";
        authority._program = await ListeningProgram.StartAsync(start, new IPEndPoint(IPAddress.Loopback, authority._management));
        return authority;
    }

    /// <summary>The certificate at the top of what it issues.</summary>
    public async Task<X509Certificate2> ReadRootAsync()
    {
        using var client = await RawClient.ConnectTlsAsync(_management, _own.Root);
        await client.SendAsync("GET /roots/0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return X509Certificate2.CreateFromPem((await client.ReadResponseAsync()).Text);
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _own.Dispose();
        _folder.Dispose();
    }

    private string WriteFiles(int port)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        using var certificate = _own.Issue("CN=localhost", ClientAuthority.ForServers, names: names.Build());
        using var key = certificate.GetECDsaPrivateKey()!;
        _folder.Write("root.pem", _own.Root.ExportCertificatePem());
        return _folder.Write("pebble.json", $$"""
            {
              "pebble": {
                "listenAddress": "127.0.0.1:{{_port}}",
                "managementListenAddress": "127.0.0.1:{{_management}}",
                "certificate": "{{_folder.Write("cert.pem", certificate.ExportCertificatePem())}}",
                "privateKey": "{{_folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem())}}",
                "httpPort": {{port}},
                "tlsPort": {{port}}
              }
            }
            """);
    }
}
