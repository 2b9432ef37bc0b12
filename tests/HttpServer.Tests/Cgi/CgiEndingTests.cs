using System.Globalization;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>How programs end that nobody waits for any more, and how many run at once.</summary>
public sealed class CgiEndingTests : IAsyncDisposable
{
    private readonly CgiSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("trap '' TERM\n", true)]
    public async Task When_the_client_is_gone_the_program_and_all_that_it_started_are_ended(string before, bool isReset)
    {
        var fifo = await _site.MakeFifoAsync("alive");
        _site.Page("long", $"{before}exec 9> {fifo}\n(sleep 1000; sleep 1000) & echo $$\nwhile :; do sleep 1000; done");
        _site.Page("next", "echo next");
        var server = _site.Serve(handler => handler.CgiMaxProcesses = 1);
        var client = await server.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/long HTTP/1.1\r\nHost: test\r\n\r\n");
        await client.ReadThroughAsync("\r\n\r\n");
        await using var alive = await OpenAsync(fifo);
        await client.ReadThroughAsync("\r\n");
        var leader = int.Parse(await client.ReadThroughAsync("\n"), CultureInfo.InvariantCulture);
        if (isReset)
            client.Reset();
        else
            client.Dispose();

        // The pipe ends when the last process that holds it has.
        Assert.Equal(-1, await ReadByteAsync(alive));
        // There is one place, so what comes next runs when the first has been done with.
        Assert.Equal("next\n", (await server.GetAsync("/cgi-bin/next")).Text);
        Assert.False(Directory.Exists($"/proc/{leader}"), "The program is a zombie.");
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_client_that_has_only_ended_its_side_is_answered()
    {
        _site.Page("page", "cat; echo done");
        using var client = await _site.Serve().ConnectAsync();
        await client.SendAsync("POST /cgi-bin/page HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody");
        client.FinishSending();
        Assert.Equal("bodydone\n", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("trap '' TERM\n")]
    [InlineData("exec >&- 2>&-\n")]
    public async Task A_silent_program_is_ended_after_the_time_limit(string before)
    {
        var fifo = await _site.MakeFifoAsync("alive");
        _site.Script("silent", $"{before}exec 9> {fifo}\nsleep 1000 & while :; do sleep 1000; done");
        var server = _site.Serve(handler => handler.CgiTimeout = TimeSpan.FromSeconds(0.5));
        var answering = server.GetAsync("/cgi-bin/silent");
        await using var alive = await OpenAsync(fifo);
        Assert.Equal(504, (await answering).Status);
        Assert.Equal(-1, await ReadByteAsync(alive));
        Assert.Contains("CGI /cgi-bin/silent: ended after 0.5 s of silence", server.Log.Errors);
    }

    [Fact]
    public async Task A_program_that_falls_silent_in_its_answer_breaks_it_off()
    {
        _site.Page("stops", "echo begun; exec sleep 1000");
        var server = _site.Serve(handler => handler.CgiTimeout = TimeSpan.FromSeconds(0.5));
        await Assert.ThrowsAsync<EndOfStreamException>(() => server.GetAsync("/cgi-bin/stops"));
        Assert.Contains("CGI /cgi-bin/stops: ended after 0.5 s of silence", server.Log.Errors);
    }

    [Fact]
    public async Task A_client_that_reads_slowly_is_no_silent_program()
    {
        _site.Page("large", "head -c 30000000 /dev/zero; echo whole");
        // Longer than a busy machine keeps a program that is not silent waiting for the processor.
        var server = _site.Serve(handler => handler.CgiTimeout = TimeSpan.FromSeconds(2));
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/large HTTP/1.0\r\n\r\n");
        await client.ReadThroughAsync("\r\n\r\n");
        // Meanwhile other requests run into the limit, so that it has passed for the first as well.
        _site.Script("silent", "exec sleep 1000");
        Assert.Equal(504, (await server.GetAsync("/cgi-bin/silent")).Status);
        Assert.Equal(504, (await server.GetAsync("/cgi-bin/silent")).Status);
        Assert.EndsWith("whole\n", System.Text.Encoding.ASCII.GetString(await client.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_server_is_stopped_programs_are_ended()
    {
        var fifo = await _site.MakeFifoAsync("alive");
        _site.Page("long", $"exec 9> {fifo}; echo begun; while :; do sleep 1000; done");
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/long HTTP/1.1\r\nHost: test\r\n\r\n");
        await using var alive = await OpenAsync(fifo);
        await client.ReadThroughAsync("begun\n");
        await server.Server.ShutdownAsync(TimeSpan.Zero);
        Assert.Equal(-1, await ReadByteAsync(alive));
    }

    [Fact]
    public async Task Beyond_the_most_at_once_requests_wait_and_then_are_refused()
    {
        _site.Page("waits", "read line; echo done");
        _site.Page("next", "echo next");
        var patience = TimeSpan.FromSeconds(0.2);
        var server = _site.Serve(handler => (handler.CgiMaxProcesses, handler.CgiQueueTimeout) = (1, patience));
        using var first = await server.ConnectAsync();
        await first.SendAsync("POST /cgi-bin/waits HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n");
        await first.ReadThroughAsync("\r\n\r\n");
        Assert.Equal(503, (await server.GetAsync("/cgi-bin/next")).Status);
        Assert.Contains(server.Log.Errors, error => error.Contains("1 programs run already", StringComparison.Ordinal));

        patience = TimeSpan.FromSeconds(30);
        var next = server.GetAsync("/cgi-bin/next");
        await first.SendAsync("\n");
        await first.ReadThroughAsync("0\r\n\r\n");
        Assert.Equal("next\n", (await next).Text);
    }

    [Fact]
    public async Task Thirty_programs_that_wait_do_not_hold_up_a_file()
    {
        _site.Page("waits", "read line; echo done");
        _site.Write("page.txt", "page");
        var server = _site.Serve(handler => handler.CgiMaxProcesses = 30);
        var clients = new List<RawClient>();
        for (var number = 0; number < 30; number++)
        {
            clients.Add(await server.ConnectAsync());
            await clients[number].SendAsync("POST /cgi-bin/waits HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n");
        }

        foreach (var client in clients)
            await client.ReadThroughAsync("\r\n\r\n");
        for (var turn = 0; turn < 100; turn++)
            Assert.Equal("page", (await server.GetAsync("/page.txt")).Text);
        foreach (var client in clients)
        {
            await client.SendAsync("\n");
            await client.ReadThroughAsync("0\r\n\r\n");
            client.Dispose();
        }
    }

    /// <summary>Opens a named pipe for reading, which waits for its writer.</summary>
    private static Task<FileStream> OpenAsync(string fifo) =>
        Task.Run(() => new FileStream(fifo, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0)).WaitAsync(TimeSpan.FromSeconds(30));

    private static Task<int> ReadByteAsync(FileStream stream) => Task.Run(stream.ReadByte).WaitAsync(TimeSpan.FromSeconds(30));
}
