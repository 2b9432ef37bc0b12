namespace Http.Server.Host.Tests;

/// <summary>What the servers log is seen at standard error.</summary>
public sealed class LogTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Requests_warnings_and_errors_of_handlers_go_to_standard_error()
    {
        _folder.Write("s.ps1", Script(""));
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        var address = await host.WaitForAddressAsync();
        await AskAsync(address);
        await host.WaitForAsync("""127\.0\.0\.1 \[[-0-9: ]+\] "GET /hello\?a=1" 200 5""");
        await host.WaitForAsync(@"\] Warning: careful");
        await host.WaitForAsync(@"\] Error: .*s\.ps1.*broken");
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
        Assert.Equal(address.ToString(), host.Output.Trim());
        Assert.DoesNotContain("not shown", host.Errors);
    }

    [Fact]
    public async Task Quiet_leaves_the_requests_out()
    {
        _folder.Write("s.ps1", Script("-Quiet"));
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        await AskAsync(await host.WaitForAddressAsync());
        await host.WaitForAsync(@"\] Warning: careful");
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
        Assert.DoesNotContain("GET /hello", host.Errors);
    }

    [Theory]
    [InlineData("Start-HttpServer 0 -Bind 127.0.0.1 -Wait")]
    [InlineData("\"$((Start-HttpServer 0 -Bind 127.0.0.1).Uri)\"; Receive-HttpServerLog -Wait | ForEach-Object { \"$_\" }")]
    public async Task What_the_script_shows_itself_is_shown_once(string script)
    {
        _folder.Write("a.txt", "a");
        _folder.Write("s.ps1", script);
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        var address = await host.WaitForAddressAsync();
        // The script may not have come to showing it yet.
        await HostProcess.GetAsync(new Uri(address, "a.txt?1"));
        await HostProcess.UntilAsync(() => host.Output.Contains("a.txt?1", StringComparison.Ordinal));
        await HostProcess.GetAsync(new Uri(address, "a.txt?2"));
        await HostProcess.UntilAsync(() => host.Output.Contains("a.txt?2", StringComparison.Ordinal));
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
        Assert.DoesNotContain("a.txt?2", host.Errors);
    }

    [Fact]
    public async Task A_watched_script_shows_them_too()
    {
        _folder.Write("s.ps1", Script(""));
        await using var host = HostProcess.Start(_folder.Path, "--watch", "s.ps1");
        await AskAsync(await host.WaitForAddressAsync());
        await host.WaitForAsync(@"\] Warning: careful");
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
    }

    private static string Script(string options) => $$"""
        $server = Start-HttpServer 0 -Bind 127.0.0.1 {{options}}
        Register-HttpHandler GET /hello { Write-Debug 'not shown' -Debug; 'hello' }
        Register-HttpHandler GET /careful { Write-Warning careful; 'x' }
        Register-HttpHandler GET /broken { throw 'broken' }
        "$($server.Uri)"
        """;

    private static async Task AskAsync(Uri address)
    {
        Assert.Equal("hello", await HostProcess.GetAsync(new Uri(address, "hello?a=1")));
        await Assert.ThrowsAsync<HttpRequestException>(() => HostProcess.GetAsync(new Uri(address, "broken")));
        Assert.Equal("x", await HostProcess.GetAsync(new Uri(address, "careful")));
    }
}
