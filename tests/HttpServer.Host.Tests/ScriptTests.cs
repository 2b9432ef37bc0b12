namespace Http.Server.Host.Tests;

/// <summary>Scripts and lines of PowerShell.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_script_has_its_arguments_and_its_streams()
    {
        _folder.Write("sub/a b.ps1", """
            param([int] $Number, [switch] $Fast, [string] $Text)
            "$PSScriptRoot|$Number|$Fast|$Text|$args"
            Write-Warning careful
            Write-Error broken
            Read-Host name
            """);
        var (exitCode, output, errors) = await HostProcess.RunAsync(_folder.Path, "anna\n", "sub/a b.ps1", "-Number", "7", "-Fast", "-Text:$(1+1)", "rest", "-5");
        Assert.Equal(0, exitCode);
        Assert.StartsWith($"{Path.Combine(_folder.Path, "sub")}|7|True|$(1+1)|rest -5", output);
        Assert.Contains("anna", output);
        Assert.Contains("WARNING: careful", errors);
        Assert.Matches(@"a b\.ps1:4: broken", errors);
        Assert.DoesNotContain("broken", output);
    }

    [Theory]
    [InlineData("'a'; exit 3", 3, "")]
    [InlineData("exit 0", 0, "")]
    [InlineData("exit", 0, "")]
    [InlineData("function Stop-All { exit 6 }\nStop-All; 'not seen'", 6, "")]
    [InlineData("try { 'a' } finally { exit 7 }", 7, "")]
    [InlineData("& { param($to) Set-Content $to 'exit 3' } $PSScriptRoot/inner.ps1\n& $PSScriptRoot/inner.ps1\nif ($LASTEXITCODE -ne 3) { exit 4 }", 0, "")]
    [InlineData("if ($false) { exit 4 }\n$global:LASTEXITCODE = 5", 0, "")]
    [InlineData("'a'\n  throw 'no more'", 1, @"s\.ps1:2:3: no more")]
    [InlineData("'a'\nGet-Item /missing -ErrorAction Stop", 1, @"s\.ps1:2:1: Cannot find path")]
    [InlineData("'a'\nif (", 1, @"s\.ps1:2:5: ")]
    [InlineData("Start-HttpServer -Prot 5", 0, @"s\.ps1:1:")]
    public async Task The_exit_code_tells_how_it_ended_and_an_error_has_its_position(string script, int expected, string error)
    {
        _folder.Write("s.ps1", script);
        var (exitCode, _, errors) = await HostProcess.RunAsync(_folder.Path, "", "s.ps1");
        Assert.Equal(expected, exitCode);
        Assert.Matches(error, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public async Task It_serves_on_after_the_scripts_end_until_its_server_is_stopped()
    {
        _folder.Write("s.ps1", """
            $server = Start-HttpServer 0 -Bind 127.0.0.1
            Register-HttpHandler GET /hello { 'hello' }
            Register-HttpHandler GET /end { Stop-HttpServer -Force; 'ended' }
            "$($server.Uri)"
            """);
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        var address = await host.WaitForAddressAsync();
        Assert.Equal("hello", await HostProcess.GetAsync(new Uri(address, "hello")));
        Assert.Equal("ended", await HostProcess.GetAsync(new Uri(address, "end")));
        Assert.Equal(0, await host.WaitForEndAsync());
    }

    [Fact]
    public async Task Exit_0_ends_the_servers_and_a_code_of_a_program_does_not()
    {
        _folder.Write("s.ps1", """
            param([switch] $Ends)
            $server = Start-HttpServer 0 -Bind 127.0.0.1
            Register-HttpHandler GET /hello { 'hello' }
            "$($server.Uri)"
            if ($Ends) { exit 0 }
            $global:LASTEXITCODE = 3
            """);
        Assert.Equal(0, (await HostProcess.RunAsync(_folder.Path, "", "s.ps1", "-Ends")).ExitCode);
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        Assert.Equal("hello", await HostProcess.GetAsync(new Uri(await host.WaitForAddressAsync(), "hello")));
    }

    [Fact]
    public async Task A_server_that_a_handler_starts_again_ends_nothing()
    {
        _folder.Write("s.ps1", """
            $first = Start-HttpServer 0 -Bind 127.0.0.1
            $time = $first.StartTime
            Register-HttpHandler GET /again { Restart-HttpServer; 'again' }
            Register-HttpHandler GET /is-another { "$((Get-HttpServer).StartTime -gt $using:time)" }
            "$($first.Uri)"
            """);
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        var address = await host.WaitForAddressAsync();
        await host.WaitForAnswerAsync(new Uri(address, "is-another"), "False");
        Assert.Equal("again", await HostProcess.GetAsync(new Uri(address, "again")));
        await host.WaitForAnswerAsync(new Uri(address, "is-another"), "True");
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
    }

    [Fact]
    public async Task A_request_in_flight_is_answered_when_a_signal_begins_the_drain()
    {
        _folder.Write("s.ps1", """
            $server = Start-HttpServer 0 -Bind 127.0.0.1 -DrainTime 3
            Register-HttpHandler GET /slow {
                Set-Content $using:PSScriptRoot/begun ''
                while (-not (Test-Path $using:PSScriptRoot/gate)) { Start-Sleep -Milliseconds 10 }
                'answered'
            }
            "$($server.Uri)"
            """);
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        var answer = HostProcess.GetAsync(new Uri(await host.WaitForAddressAsync(), "slow"));
        await HostProcess.UntilAsync(() => File.Exists(Path.Combine(_folder.Path, "begun")));
        host.Signal("TERM");
        _folder.Write("gate", "");
        Assert.Equal("answered", await answer);
        Assert.Equal(0, await host.WaitForEndAsync());
    }

    [Theory]
    [InlineData("while ($true) { Start-Sleep 60 }")]
    [InlineData("Wait-Event")]
    public async Task A_signal_stops_the_script_and_its_finally_runs(string wait)
    {
        _folder.Write("s.ps1", $$"""
            try { "$((Start-HttpServer 0 -Bind 127.0.0.1).Uri)"; {{wait}} }
            finally { [Console]::WriteLine('finally has run') }
            """);
        await using var host = HostProcess.Start(_folder.Path, "s.ps1");
        await host.WaitForAddressAsync();
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
        Assert.Contains("finally has run", host.Output);
    }

    [Fact]
    public async Task A_line_is_run_and_serves_on()
    {
        Assert.Equal("3", (await HostProcess.RunAsync(_folder.Path, "", "-Command", "1 + 2")).Output.Trim());
        Assert.Equal(4, (await HostProcess.RunAsync(_folder.Path, "", "-Command", "exit 4")).ExitCode);
        await using var host = HostProcess.Start(_folder.Path, "-Command", "$s = Start-HttpServer 0 -Bind 127.0.0.1; Register-HttpHandler GET /x { 'x' }; \"$($s.Uri)\"");
        Assert.Equal("x", await HostProcess.GetAsync(new Uri(await host.WaitForAddressAsync(), "x")));
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
    }

    [Fact]
    public async Task A_watched_script_is_started_anew_when_a_file_of_it_changes_and_parses()
    {
        var port = FreePort();
        _folder.Write("lib.ps1", "function Get-Text { 'one' }");
        _folder.Write("s.ps1", $$"""
            . $PSScriptRoot/lib.ps1
            "$((Start-HttpServer {{port}} -Bind 127.0.0.1).Uri)"
            $text = Get-Text
            Register-HttpHandler GET /text { $using:text }
            """);
        await using var host = HostProcess.Start(_folder.Path, "--watch", "s.ps1");
        var address = new Uri(await host.WaitForAddressAsync(), "text");
        await host.WaitForAnswerAsync(address, "one");
        _folder.Write("lib.ps1", "function Get-Text { 'two!' }");
        await host.WaitForAnswerAsync(address, "two!");
        _folder.Write("lib.ps1", "function Get-Text {");
        await host.WaitForAsync(@"lib\.ps1:1:19: Missing closing");
        await host.WaitForAnswerAsync(address, "two!");
        _folder.Write("s.ps1", $"(Start-HttpServer {port} -Bind 127.0.0.1).Uri.ToString(); Register-HttpHandler GET /text {{ 'three' }}");
        await host.WaitForAnswerAsync(address, "three");
        host.Signal("TERM");
        Assert.Equal(0, await host.WaitForEndAsync());
    }

    /// <summary>Below those that the system gives to others by itself.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 30_000);
            using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Another one.
            }
        }
    }
}
