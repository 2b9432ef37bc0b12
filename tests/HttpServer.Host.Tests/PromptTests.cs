namespace Http.Server.Host.Tests;

/// <summary>The prompt at a terminal.</summary>
public sealed class PromptTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_leaves_the_user_at_a_prompt_with_the_module()
    {
        await using var host = HostProcess.StartAtTerminal(_folder.Path, "-Port 0 -Bind 127.0.0.1");
        var address = await host.WaitForAddressAsync();
        await host.WaitForAsync("PS [^>]*> ");
        await host.TypeAsync("Register-HttpHandler GET /hello { 'hel' + 'lo' }\r");
        await host.WaitForAnswerAsync(new Uri(address, "hello"), "hello");
        await host.TypeAsync("(Get-Help Start-HttpServer).Synopsis.Length -gt 10 ? 'help' + ' found' : ''\r");
        await host.WaitForAsync("help found");
        await host.TypeAsync("\"$((TabExpansion2 'Register-HttpH' 14).CompletionMatches.CompletionText) done\"\r");
        await host.WaitForAsync("Register-HttpHandler done");
        // Only the key completes the name: typed as it stands there is no such command.
        await host.TypeAsync("Get-HttpSer\t\r");
        await host.WaitForAsync("RequestCount");
        await host.TypeAsync("Register-HttpHandler GET /tab { 'by ' + $Request.Metho\t }\r");
        await host.WaitForAnswerAsync(new Uri(address, "tab"), "by GET");
        await host.TypeAsync("exit 5\r");
        Assert.Equal(5, await host.WaitForEndAsync());
    }

    [Fact]
    public async Task A_wrong_option_leaves_no_prompt()
    {
        await using var host = HostProcess.StartAtTerminal(_folder.Path, "-Prto 0");
        Assert.Equal(2, await host.WaitForEndAsync());
        Assert.Contains("Did you mean -Port?", host.Output);
        Assert.DoesNotContain("PS /", host.Output);
    }
}
