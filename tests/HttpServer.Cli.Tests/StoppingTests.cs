using System.Net;
using System.Runtime.InteropServices;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class StoppingTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public StoppingTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task A_signal_ends_it_with_0_and_nothing_more_to_say(PosixSignal signal)
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        var result = await program.StopAsync(signal);
        Assert.Equal(new ProgramResult(0, "", ""), result);
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task Idle_connections_and_a_half_sent_request_do_not_hold_it_up(PosixSignal signal)
    {
        await using var program = await ServerProgram.ServeAsync("0", "-q", "-d", _folder.Path);
        using var unused = await program.ConnectAsync();
        using var idle = await program.ConnectAsync();
        await idle.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        await idle.ReadResponseAsync();
        using var halfSent = await program.ConnectAsync();
        await halfSent.SendAsync("GET /a.txt HTTP/1.1\r\n");
        var result = await program.StopAsync(signal);
        Assert.Equal(new ProgramResult(0, "", ""), result);
        Assert.True(await idle.IsEndedAsync());
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task An_answer_whose_client_does_not_read_it_does_not_hold_it_up(PosixSignal signal)
    {
        // Far more than the sockets' buffers take, so the answer is under way for as long as nobody reads.
        using (var big = File.Create(Path.Combine(_folder.Path, "big")))
            big.SetLength(1L << 30);
        await using var program = await ServerProgram.ServeAsync("0", "-q", "-d", _folder.Path);
        using var client = await program.ConnectAsync();
        await client.SendAsync("GET /big HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync(isHead: true)).Status);
        var result = await program.StopAsync(signal);
        Assert.Equal(new ProgramResult(0, "", ""), result);
    }

    [Fact]
    public async Task The_same_port_can_be_taken_again_at_once_after_connections_were_served()
    {
        // Where all of 127.0.0.0/8 is this machine's, an address that no other test's connection can have taken the port of meanwhile.
        var address = OperatingSystem.IsLinux() ? "127.0.7.2" : "127.0.0.1";
        int port;
        await using (var first = await ServerProgram.ServeAsync("0", "-b", address, "-d", _folder.Path))
        {
            port = first.Port;
            using var client = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port));
            await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
            await client.ReadResponseAsync();
            Assert.Equal(0, (await first.StopAsync()).ExitCode);
        }

        await using var second = await ServerProgram.ServeAsync($"{port}", "-b", address, "-d", _folder.Path);
        Assert.Equal(port, second.Port);
        using var again = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port));
        await again.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(200, (await again.ReadResponseAsync()).Status);
    }
}
