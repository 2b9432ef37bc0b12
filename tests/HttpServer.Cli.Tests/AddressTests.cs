using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The next free port, and what people are told of addresses: those of all interfaces, and the code for phones.</summary>
public sealed class AddressTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public AddressTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_in_use_makes_way_for_the_next_free_one_which_is_told()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var program = await ServerProgram.ServeAsync($"{port}", "-b", "127.0.0.1", "-d", _folder.Path, "--port-auto");
        Assert.InRange(program.Port, port + 1, port + 99);
        Assert.Equal($"Port {port} is in use: the next free one is {program.Port}.", await program.ReadOutputLineAsync());
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
    }

    [Fact]
    public async Task A_free_port_is_told_by_the_one_line_alone()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--port-auto");
        Assert.Equal("", (await program.StopAsync()).Output);
    }

    [Fact]
    public async Task A_terminal_shows_the_addresses_of_all_interfaces()
    {
        var own = OwnAddress();
        await using var program = StartAtTerminal("");
        await program.WaitForAnnouncementAsync();
        Assert.EndsWith("(all interfaces)", program.Announcement);
        var lines = new List<string>();
        do
            lines.Add((await program.ReadOutputLineAsync()).TrimEnd('\r'));
        while (!lines[^1].EndsWith($" http://{own}:{program.Port}/", StringComparison.Ordinal));
        Assert.StartsWith("From other machines: http://", lines[0]);
        Assert.All(lines.Skip(1), line => Assert.Matches("^ {21}http://", line));
    }

    [Fact]
    public async Task A_program_that_reads_gets_the_one_line_alone()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
        Assert.Equal("", (await program.StopAsync()).Output);
    }

    [Fact]
    public async Task A_code_is_shown_with_its_address()
    {
        var own = OwnAddress();
        await using var program = await ServerProgram.ServeAsync("0", "-b", own.ToString(), "-d", _folder.Path, "--qr");
        var lines = new List<string>();
        do
            lines.Add(await program.ReadOutputLineAsync());
        while (!lines[^1].StartsWith("http", StringComparison.Ordinal));
        Assert.Equal($"http://{own}:{program.Port}/", lines[^1]);
        // The white border, which is not shown as such, is four modules wide.
        Assert.All(lines[..^1].Where(line => line.Length > 0), line => Assert.Matches("^    [ \u2580\u2584\u2588]{25,}    $", line));
        Assert.DoesNotContain(lines, line => line.Contains('\u001b'));
    }

    [Fact]
    public async Task A_terminal_shows_the_code_black_on_white()
    {
        OwnAddress();
        await using var program = StartAtTerminal(" --qr");
        await program.WaitForAnnouncementAsync();
        string line;
        do
            line = (await program.ReadOutputLineAsync()).TrimEnd('\r');
        while (!line.StartsWith('\u001b'));
        Assert.Matches("^\u001b\\[38;5;16;48;5;231m {33,}\u001b\\[0m$", line);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task An_address_that_phones_cannot_reach_has_no_code(string address)
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", address, "-d", _folder.Path, "--qr");
        Assert.Equal(
            "httpserver: No QR code: other machines cannot reach this address. Leave --bind out, or give an address of a network with it.",
            await program.ReadErrorLineAsync());
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
    }

    [Theory]
    [InlineData("auto", "/docs", "/docs/")]
    [InlineData("always", "/about", "/about/")]
    [InlineData("NEVER", "/docs/?q", "/docs?q")]
    public async Task Slashes_are_as_the_policy_says(string policy, string target, string location)
    {
        _folder.Write("docs/index.html", "docs");
        _folder.Write("about.html", "about");
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--clean-urls", "--trailing-slash", policy);
        Assert.Equal(location, (await program.GetAsync(target))["Location"]);
        Assert.Equal(200, (await program.GetAsync(location)).Status);
    }

    private static IPAddress OwnAddress()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address) && address.GetAddressBytes() is not [169, 254, ..]);
        Assert.SkipWhen(own is null, "This machine is in no network: connect it to one.");
        return own!;
    }

    private ServerProgram StartAtTerminal(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script of other systems takes other options.");
        Tool.Require("script", "util-linux");
        return ServerProgram.StartInShell($"""unset NO_COLOR; TERM=xterm exec script -qefc "exec {ServerProgram.Launcher}'$0' 0 -d '{_folder.Path}'{options}" /dev/null""");
    }
}
