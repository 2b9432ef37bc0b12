using System.Runtime.InteropServices;

namespace Http.Server.Host.Tests.Support;

/// <summary>The host as it is published for this system: what <c>HTTPSERVER_TEST_HOST</c> names, or else published once for the tests that share this.</summary>
public sealed class PublishedHost : IAsyncLifetime
{
    private TempDirectory? _folder;

    /// <summary>The program's file; null where it cannot be published.</summary>
    public string? Program { get; private set; }

    /// <summary>Skips the test where there is none.</summary>
    /// <returns>The program's file.</returns>
    public string Require()
    {
        if (Program is null)
            DotnetSdk.Require();
        return Program!;
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("HTTPSERVER_TEST_HOST") is { Length: > 0 } named)
        {
            Program = File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new FileNotFoundException($"HTTPSERVER_TEST_HOST names '{named}', which is not there: publish src/HttpServer.Host first.");
            return;
        }

        if (Tool.Find("dotnet") is null)
            return;
        _folder = new TempDirectory();
        var output = Path.Combine(_folder.Path, "host");
        // To places of its own: other tests run what was built. Compiling ahead of time takes minutes more, and changes nothing of what the folder needs.
        await DotnetSdk.RunAsync(
            "publish", Path.Combine(DotnetSdk.Repository, "src/HttpServer.Host"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained",
            "-p:PublishReadyToRun=false", "--artifacts-path", Path.Combine(_folder.Path, "artifacts"), "-o", output);
        Program = Path.Combine(output, OperatingSystem.IsWindows() ? "httpserver-host.exe" : "httpserver-host");
    }

    public ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        return ValueTask.CompletedTask;
    }
}
