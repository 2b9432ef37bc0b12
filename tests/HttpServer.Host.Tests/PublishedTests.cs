namespace Http.Server.Host.Tests;

/// <summary>The published host: one folder with all that it needs.</summary>
public sealed class PublishedTests(PublishedHost published) : IClassFixture<PublishedHost>, IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_runs_a_script_where_no_dotnet_is_installed()
    {
        var program = published.Require();
        _folder.Write("s.ps1", """
            $server = Start-HttpServer 0 -Bind 127.0.0.1
            Register-HttpHandler GET /hello { ConvertTo-Json @{ text = 'hello' } -Compress }
            "$($server.Uri)"
            """);
        await using var host = HostProcess.StartProgram(program, _folder.Path, Nothing, "s.ps1");
        var address = await host.WaitForAddressAsync();
        Assert.Equal("""{"text":"hello"}""", await HostProcess.GetAsync(new Uri(address, "hello")));
        AssertNothingElseIsLoaded(host.Id, Path.GetDirectoryName(program)!);
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
    }

    [Fact]
    public async Task Its_prompt_completes()
    {
        var program = published.Require();
        await using var host = HostProcess.StartAtTerminal(_folder.Path, $"env -i TERM=xterm HOME=\"$HOME\" '{program}'", "-Port 0 -Bind 127.0.0.1");
        await host.WaitForAddressAsync();
        await host.WaitForAsync("PS [^>]*> ");
        // Only the key completes the name: typed as it stands there is no such command.
        await host.TypeAsync("Get-HttpSer\t\r");
        await host.WaitForAsync("RequestCount");
        await host.TypeAsync("exit 5\r");
        Assert.Equal(5, await host.WaitForEndAsync());
    }

    /// <summary>A .NET that is installed on this machine is not used: whatever of .NET the process has loaded lies in the program's folder.</summary>
    private static void AssertNothingElseIsLoaded(int process, string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var loaded = File.ReadLines($"/proc/{process}/maps").Select(static line => line[(line.LastIndexOf(' ') + 1)..])
            .Where(static path => path.EndsWith(".dll", StringComparison.Ordinal) || path.EndsWith("libcoreclr.so", StringComparison.Ordinal)).Distinct().ToList();
        Assert.Contains(Path.Combine(folder, "libcoreclr.so"), loaded);
        Assert.All(loaded, path => Assert.StartsWith(folder + Path.DirectorySeparatorChar, path));
    }
}
