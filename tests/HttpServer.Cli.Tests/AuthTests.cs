using System.Diagnostics;
using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Passwords, as users of the command line have them.</summary>
public sealed class AuthTests : IDisposable
{
    /// <summary>Of the password geheim; with few iterations.</summary>
    private const string Line = "anna:$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE\n";

    private readonly TempDirectory _folder = new();
    private readonly string _users;

    public AuthTests()
    {
        _folder.Write("site/a.txt", "content");
        _users = _folder.Write("users", Line);
    }

    private string Site => Path.Combine(_folder.Path, "site");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Users_of_a_file_are_let_in_and_logged()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site, "--auth-file", _users);
        Assert.Equal(401, (await program.GetAsync("/a.txt")).Status);
        Assert.Equal(401, (await program.GetAsync("/a.txt", Basic("anna:falsch"))).Status);
        Assert.Equal("content", (await program.GetAsync("/a.txt", Basic("anna:geheim"))).Text);
        Assert.Contains(" - anna [", (await program.StopAsync()).Errors);
    }

    [Fact]
    public async Task Over_HTTPS_passwords_are_taken_on_all_interfaces()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", Site, "--auth-file", _users, "--tls-self-signed");
        using var client = await RawClient.ConnectTlsAsync(program.Port);
        await client.SendAsync($"GET /a.txt HTTP/1.1\r\nHost: test\r\n{Basic("anna:geheim")}\r\n");
        Assert.Equal("content", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task What_a_server_is_asked_for_goes_together()
    {
        Assert.SkipUnless(BindTests.HasIPv6Loopback(), "This machine has no IPv6.");
        var curl = Tool.Require("curl", "curl");
        var text = string.Concat(Enumerable.Repeat("text ", 1000));
        _folder.Write("site/docs/about.html", text);
        await using var program = await ServerProgram.ServeAsync(
            "0", "-b", "::1", "-d", Site, "--auth-file", _users, "--tls-self-signed", "--clean-urls", "--upload", "--archive", "--health", "/healthz",
            "--cache", "60", "--cors", "https://example.com", "--hide-dotfiles", "-H", "X-Own", "1");
        var address = $"https://[::1]:{program.Port}";
        async Task<string> AskAsync(params string[] arguments) =>
            (await ServerProgram.RunToolAsync(curl, ["-sSkg", "--noproxy", "*", "-w", "|%{http_code}", .. arguments])).Output;

        Assert.EndsWith("|401", await AskAsync($"{address}/docs/about"));
        Assert.Equal("{\"status\":\"ok\"}|200", await AskAsync($"{address}/healthz"));
        var answer = await AskAsync("-u", "anna:geheim", "-D", "-", "--compressed", "-H", "Origin: https://example.com", $"{address}/docs/about");
        Assert.EndsWith($"\r\n\r\n{text}|200", answer);
        foreach (var header in new[] { "Content-Encoding: ", "Cache-Control: public, max-age=60", "Access-Control-Allow-Origin: https://example.com", "X-Own: 1" })
            Assert.Contains($"\r\n{header}", answer);
        Assert.EndsWith("|401", await AskAsync("-T", _users, $"{address}/docs/new"));
        Assert.EndsWith("|201", await AskAsync("-u", "anna:geheim", "-T", _users, $"{address}/docs/new"));
        Assert.Contains("ustar", await AskAsync("-u", "anna:geheim", $"{address}/docs/?archive=tar"));
    }

    [Fact]
    public async Task Over_plain_HTTP_only_where_it_is_wanted()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", Site, "--auth-file", _users, "--auth-plain");
        Assert.Equal("content", (await program.GetAsync("/a.txt", Basic("anna:geheim"))).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-b|0.0.0.0")]
    [InlineData("-b|127.0.0.1|-b|::")]
    public async Task Over_plain_HTTP_it_does_not_start_where_others_could_read_passwords(string bind)
    {
        var result = await ServerProgram.RunAsync(["0", "-d", Site, "--auth-file", _users, .. bind.Split('|', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        var line = Assert.Single(result.ErrorLines);
        Assert.All(["--tls-cert", "--tls-self-signed", "--bind localhost", "--auth-plain"], text => Assert.Contains(text, line));
    }

    [Fact]
    public async Task A_file_within_the_site_is_warned_of()
    {
        var inside = _folder.Write("site/users", Line);
        await using var program = await ServerProgram.ServeAsync("0", "-b", "localhost", "-d", Site, "--auth-file", inside);
        Assert.Contains($"{inside} lies in the directory that is served", (await program.StopAsync()).Errors);
    }

    [Theory]
    [InlineData(null, "There is no file")]
    [InlineData("anna:plaintext", "Line 1 of")]
    [InlineData("", "There is no user in")]
    public async Task A_wrong_file_is_named(string? content, string problem)
    {
        File.Delete(_users);
        if (content is not null)
            _folder.Write("users", content);
        var result = await ServerProgram.RunAsync("0", "-b", "localhost", "-d", Site, "--auth-file", _users);
        var line = Assert.Single(result.ErrorLines);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(problem, line);
        Assert.Contains("hash-password", line);
        Assert.DoesNotContain("plaintext", line);
    }

    [Fact]
    public async Task A_file_that_others_can_write_is_warned_of()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other rights.");
            return;
        }

        File.SetUnixFileMode(_users, (UnixFileMode)0b110_110_000);
        await using var program = await ServerProgram.ServeAsync("0", "-b", "localhost", "-d", Site, "--auth-file", _users);
        Assert.Contains($"chmod go-w {_users}", (await program.StopAsync()).Errors);
    }

    [Theory]
    [InlineData("--auth-plain", "add --auth-file FILE.")]
    [InlineData("--auth-file", "--auth-file needs a value: --auth-file FILE.")]
    [InlineData("hash-password", "hash-password needs a user")]
    [InlineData("hash-password|anna|geheim", "the password is asked for, or read from standard input")]
    [InlineData("hash-password|a:b", "'a:b' is no user")]
    [InlineData("hash-password|--iterations", "There is no option --iterations of hash-password.")]
    public async Task A_wrong_command_line_is_explained(string arguments, string problem)
    {
        var result = await ServerProgram.RunAsync(arguments.Split('|'));
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, Assert.Single(result.ErrorLines));
        Assert.DoesNotContain("geheim", result.Errors);
    }

    [Fact]
    public async Task A_password_from_standard_input_becomes_a_line_of_the_file()
    {
        var (exitCode, output, errors) = await HashAsync("jörg", [.. "pässwort\nmore\n"u8]);
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Matches(@"^jörg:\$pbkdf2-sha256\$600000\$[A-Za-z0-9./]+\$[A-Za-z0-9./]{43}\r?\n$", output);
        File.AppendAllText(_users, output);
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site, "--auth-file", _users);
        Assert.Equal(200, (await program.GetAsync("/a.txt", Basic("jörg:pässwort"))).Status);
    }

    [Theory]
    [InlineData(new byte[0], "has no password")]
    [InlineData(new byte[] { (byte)'\n' }, "has no password")]
    [InlineData(new byte[] { (byte)'a', 7 }, "control character")]
    [InlineData(new byte[] { (byte)'a', 0xff }, "not UTF-8")]
    public async Task What_is_no_password_is_explained(byte[] input, string problem)
    {
        var (exitCode, output, errors) = await HashAsync("anna", input);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(problem, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("geheim", "geheim", true)]
    [InlineData("geheim", "gehein", false)]
    [InlineData("gehx\u007feim", "geheim", true)]
    public async Task At_a_terminal_the_password_is_asked_for_twice_and_not_shown(string first, string second, bool isTaken)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script of other systems takes other options.");
        Tool.Require("script", "util-linux");
        await using var terminal = ServerProgram.StartInShell($"""TERM=xterm exec script -qefc "exec {ServerProgram.Launcher}'$0' hash-password anna" /dev/null""");
        var said = await terminal.AnswerAsync("Password for anna: ", first + "\r");
        said += await terminal.AnswerAsync("Once more: ", second + "\r");
        said += await terminal.ReadToEndAsync();
        Assert.DoesNotContain("geh", said);
        Assert.Equal(isTaken, said.Contains("anna:$pbkdf2-sha256$", StringComparison.Ordinal));
        Assert.Equal(!isTaken, said.Contains("The two passwords differ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_of_the_subcommand_and_of_all_names_it()
    {
        var result = await ServerProgram.RunAsync("hash-password", "--help");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains("httpserver hash-password USER", result.Output);
        result = await ServerProgram.RunAsync("--help");
        Assert.All(["--auth-file <FILE>", "--auth-plain", "hash-password"], text => Assert.Contains(text, result.Output));
    }

    private static string Basic(string credentials) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}\r\n";

    private static async Task<(int ExitCode, string Output, string Errors)> HashAsync(string user, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(ServerProgram.Command[0], [.. ServerProgram.Command[1..], "hash-password", user])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
