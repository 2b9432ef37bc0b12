namespace Http.Server.Host.Tests;

/// <summary>A server without a prompt, and the options that it is given.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_says_in_one_line_what_is_served_where_until_a_signal_ends_it_with_0(string signal)
    {
        _folder.Write("a.txt", "content");
        await using var host = HostProcess.Start(_folder.Path, "-Port", "0", "-Bind", "127.0.0.1");
        var address = await host.WaitForAddressAsync();
        Assert.Equal("content", await HostProcess.GetAsync(new Uri(address, "a.txt")));
        host.Signal(signal);
        Assert.Equal(0, await host.WaitForEndAsync());
        Assert.Equal($"Serving {_folder.Path} on {address} ...", host.Output.Trim());
        Assert.Matches(@"\A127\.0\.0\.1 \[[-0-9: ]+\] ""GET /a\.txt"" 200 7\s*\z", host.Errors);
    }

    [Fact]
    public async Task Lists_switches_and_tables_are_values_and_never_read_as_PowerShell()
    {
        _folder.Write("page.html", "page");
        await using var host = HostProcess.Start(
            _folder.Path, "-Port", "0", "-Bind", "127.0.0.1,::1", "-CleanUrls", "-HideDotfiles:$false", "-Header", "X-A=$(1+1)'\"", "X-B=`b");
        var address = await host.WaitForAddressAsync();
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(address, "page"), TestContext.Current.CancellationToken);
        Assert.Equal("page", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("$(1+1)'\"", Assert.Single(answer.Headers.GetValues("X-A")));
        Assert.Equal("`b", Assert.Single(answer.Headers.GetValues("X-B")));
        Assert.Contains("http://[::1]:", host.Output);
    }

    [Theory]
    [InlineData("There is no option --wach. Did you mean --watch?", "--wach")]
    [InlineData("Start-HttpServer has no option -Prto. Did you mean -Port?", "-Prto", "1")]
    [InlineData("-Port is there twice", "-Port", "1", "-Port", "2")]
    [InlineData("-Port needs a value", "-Port")]
    [InlineData("'Port'", "-Port", "99999")]
    [InlineData("'Port'", "-Port", "abc")]
    [InlineData("'Port'", "-Port", "-1")]
    [InlineData("'site' belongs to no option: -Cgi takes none", "-Cgi", "site")]
    [InlineData("'b' belongs to no option: -Directory has its value already", "-Directory", "a", "b")]
    [InlineData("-Cgi is a switch", "-Cgi:maybe")]
    [InlineData("-Header takes NAME=VALUE, which 'X' is not", "-Header", "X")]
    [InlineData("-InitializationScript takes a scriptblock", "-InitializationScript", "{ 1 }")]
    [InlineData("-P can be ", "-P", "1")]
    [InlineData("For a port: httpserver-host -Port 9000", "9000")]
    [InlineData("There is no script", "missing.ps1")]
    [InlineData("--watch needs a script", "--watch")]
    [InlineData("a line of PowerShell is missing", "-Command")]
    [InlineData("Put the whole line into quotes", "-Command", "1", "2")]
    public async Task A_wrong_command_line_gives_2_and_one_message_that_names_what_is_wrong(string message, params string[] arguments)
    {
        var (exitCode, output, errors) = await HostProcess.RunAsync(_folder.Path, "", arguments);
        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.StartsWith("httpserver-host: ", errors);
        Assert.Contains(message, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public async Task A_server_that_cannot_start_gives_1()
    {
        var (exitCode, _, errors) = await HostProcess.RunAsync(_folder.Path, "", "-Directory", "missing", "-Port", "0");
        Assert.Equal(1, exitCode);
        Assert.Contains("There is no directory", errors);
    }

    [Fact]
    public async Task Version_and_help_are_shown()
    {
        Assert.Matches("^httpserver-host [0-9.]+\\s*$", (await HostProcess.RunAsync(_folder.Path, "", "--version")).Output);
        Assert.Contains("--watch", (await HostProcess.RunAsync(_folder.Path, "", "--help")).Output);
    }

    [Fact]
    public void The_module_lies_in_its_own_folder_and_there_is_one_copy_of_it()
    {
        var files = Directory.EnumerateFiles(HostProcess.Folder, "HttpServer*.dll", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(HostProcess.Folder, file).Replace('\\', '/')).Order();
        Assert.Equal(
            [
                "Modules/HttpServer/module/bin/HttpServer.Hosting.dll", "Modules/HttpServer/module/bin/HttpServer.PowerShell.dll",
                "Modules/HttpServer/module/bin/HttpServer.dll", "Modules/HttpServer/module/bin/redis/HttpServer.Redis.dll",
            ],
            files.Where(file => !file.EndsWith("httpserver-host.dll", StringComparison.Ordinal)));
    }
}
