using System.Net;
using System.Net.Sockets;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class CannotStartTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_missing_directory_is_named()
    {
        var missing = Path.Combine(_folder.Path, "missing");
        await AssertCannotStartAsync(["0", "-d", missing], $"There is no directory {missing}", "--directory");
    }

    [Fact]
    public async Task A_line_break_in_a_name_does_not_break_the_line()
    {
        var missing = Path.Combine(_folder.Path, "a\nb");
        await AssertCannotStartAsync(["0", "-d", missing], "a\\x0ab");
    }

    [Fact]
    public async Task A_file_in_the_place_of_a_directory_is_named()
    {
        var file = _folder.Write("file.txt", "x");
        await AssertCannotStartAsync(["0", "-d", file], $"{file} is a file", "--directory");
    }

    [Fact]
    public async Task An_unreadable_directory_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root reads every directory: run the tests as another user.");
        var closed = _folder.MakeDirectory("closed");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(closed, UnixFileMode.None);
        await AssertCannotStartAsync(["0", "-d", closed], $"Cannot read the directory {closed}", "--directory");
    }

    [Fact]
    public async Task A_taken_port_is_named_with_its_address()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await AssertCannotStartAsync([$"{port}", "-b", "127.0.0.1", "-d", _folder.Path], $"127.0.0.1:{port}", $"port {port} is in use", "another port");
    }

    [Fact]
    public async Task Without_a_port_it_is_8000()
    {
        // If 8000 cannot be taken here, another program has it: either way it is taken.
        using var taken = new TcpListener(IPAddress.Loopback, 8000);
        try
        {
            taken.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
        }

        await AssertCannotStartAsync(["-b", "127.0.0.1", "-d", _folder.Path], "127.0.0.1:8000", "port 8000 is in use");
    }

    [Theory]
    [InlineData("no-such-name.invalid", "'no-such-name.invalid'")]
    [InlineData("[::1", "'[::1'")]
    [InlineData("300.1.1.1", "'300.1.1.1'")]
    [InlineData("a b", "'a b'")]
    [InlineData("192.0.2.1", "192.0.2.1:0: this machine has no such address")]
    [InlineData("2001:db8::1", "[2001:db8::1]:0: ")]
    [InlineData("unix:", "'unix:': it has no path")]
    [InlineData("unix:/no/such/folder/s", "unix:/no/such/folder/s: there is no directory /no/such/folder")]
    public async Task An_address_that_cannot_be_listened_at_is_named(string address, string problem)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && address.StartsWith("unix:/", StringComparison.Ordinal), "The path is one of Unix.");
        await AssertCannotStartAsync(["0", "-b", address, "-d", _folder.Path], "Cannot listen at", problem);
    }

    [Fact]
    public async Task One_wrong_address_of_several_is_enough()
    {
        await AssertCannotStartAsync(["0", "-b", "127.0.0.1", "-b", "192.0.2.1", "-d", _folder.Path], "192.0.2.1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("precious")]
    public async Task A_file_in_the_place_of_a_unix_socket_is_named_and_kept(string content)
    {
        var file = _folder.Write("file.txt", content);
        await AssertCannotStartAsync(["-b", $"unix:{file}", "-d", _folder.Path], $"unix:{file}", "choose another path");
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public async Task A_unix_socket_that_is_in_use_is_named_and_kept()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix domain sockets.");
        var path = Path.Combine(_folder.Path, "s");
        using var taken = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        taken.Bind(new UnixDomainSocketEndPoint(path));
        taken.Listen();
        await AssertCannotStartAsync(["-b", $"unix:{path}", "-d", _folder.Path], $"unix:{path}", "another program listens there");
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task A_log_in_a_missing_directory_is_named()
    {
        var log = Path.Combine(_folder.Path, "missing", "access.log");
        await AssertCannotStartAsync(["0", "--log", log, "-d", _folder.Path], $"Cannot write the log {log}", "--log");
    }

    [Fact]
    public async Task A_directory_in_the_place_of_the_log_is_named()
    {
        await AssertCannotStartAsync(["0", "--log", _folder.Path, "-d", _folder.Path], $"Cannot write the log {_folder.Path}: it is a directory");
    }

    [Theory]
    [InlineData("--cgi")]
    [InlineData("-q")]
    public async Task A_user_for_programs_that_there_is_not_is_named(string other)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows programs run as the server's own user.");
        Tool.RequireCgi();
        await AssertCannotStartAsync(["0", "-d", _folder.Path, other, "--cgi-user", "no-such-user"], "--cgi-user", "there is no user no-such-user");
    }

    [Theory]
    [InlineData("none.html", "There is no file none.html")]
    [InlineData("../outside.html", "lies outside of")]
    [InlineData("sub/../../outside.html", "lies outside of")]
    [InlineData("sub", "There is no file sub")]
    [InlineData("link.html", "link.html")]
    public async Task A_page_for_all_paths_that_cannot_be_sent_is_named(string page, string problem)
    {
        _folder.Write("site/sub/a.html", "x");
        _folder.Write("outside.html", "x");
        var site = Path.Combine(_folder.Path, "site");
        Assert.SkipWhen(OperatingSystem.IsWindows() && page == "link.html", "On Windows links need rights of their own.");
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(Path.Combine(site, "link.html"), Path.Combine(_folder.Path, "outside.html"));
        await AssertCannotStartAsync(["0", "-d", site, "--spa", page], problem, "--spa");
    }

    private static async Task AssertCannotStartAsync(string[] arguments, params string[] problem)
    {
        var result = await ServerProgram.RunAsync(arguments);
        Assert.Equal(1, result.ExitCode);
        var line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("httpserver: ", line);
        Assert.All(problem, text => Assert.Contains(text, line));
        Assert.Empty(result.Output);
    }
}
