using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Http.Server.Benchmarks.Load;

/// <summary>ASP.NET Core's server with its middleware for static files and listings; this program is its process.</summary>
internal static class KestrelPeer
{
    /// <summary>The argument that makes this program such a server.</summary>
    public const string Verb = "kestrel";

    /// <summary>The server collector is what a web project gets by default.</summary>
    public static string Command(int port, SampleTree tree) =>
        $"exec env DOTNET_gcServer=1 dotnet {Programs.Quote(typeof(KestrelPeer).Assembly.Location)} {Verb} {port} {Programs.Quote(tree.Root)}";

    /// <summary>Serves until the process is killed.</summary>
    /// <param name="port">At the loopback.</param>
    /// <param name="root">What is served.</param>
    /// <param name="pem">A certificate and its key, for HTTPS/1.1; none for plain HTTP.</param>
    public static async Task RunAsync(string port, string root, params string[] pem)
    {
        using var certificate = pem is [var file, var key] ? X509Certificate2.CreateFromPemFile(file, key) : null;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddDirectoryBrowser();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture), address =>
        {
            address.Protocols = HttpProtocols.Http1;
            if (certificate is not null)
                address.UseHttps(certificate);
        }));
        await using var app = builder.Build();
        using var files = new PhysicalFileProvider(root);
        app.UseFileServer(new FileServerOptions
        {
            FileProvider = files,
            EnableDirectoryBrowsing = true,
            StaticFileOptions = { ServeUnknownFileTypes = true },
        });
        await app.RunAsync();
    }
}
