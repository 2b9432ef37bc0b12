using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Files that a method chooses by itself, and methods that do not wait for what they call.</summary>
public sealed class SendFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _root;
    private readonly string _report;

    public SendFileTests()
    {
        _root = _directory.MakeDirectory("site");
        _directory.Write("site/big.bin", new string('b', 16_000_000));
        _directory.Write("reports/year.html", "<p>report</p>");
        _report = Path.Combine(_directory.Path, "reports", "year.html");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_anywhere_is_sent_with_type_validators_and_ranges()
    {
        await using var server = Serve(handler => handler.SendFileAsync(_report));
        await server.StrongTagAsync("/x");
        var whole = await server.GetAsync("/x");
        Assert.Equal((200, "text/html; charset=utf-8", "<p>report</p>"), (whole.Status, whole["Content-Type"], whole.Text));
        Assert.Equal("bytes", whole["Accept-Ranges"]);
        Assert.Equal(304, (await server.GetAsync("/x", $"If-None-Match: {whole["ETag"]}\r\n")).Status);
        var part = await server.GetAsync("/x", "Range: bytes=3-8\r\n");
        Assert.Equal((206, "report", "bytes 3-8/13"), (part.Status, part.Text, part["Content-Range"]));
        var head = await server.SendAsync("HEAD /x HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal((200, "13"), (head.Status, head["Content-Length"]));
    }

    [Fact]
    public async Task The_type_can_be_chosen_and_a_post_gets_the_whole_file()
    {
        await using var server = Serve(handler => handler.SendFileAsync(_report, "text/x-report"));
        var answer = await server.SendAsync("POST /x HTTP/1.1\r\nHost: test\r\nRange: bytes=3-8\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal((200, "text/x-report", "<p>report</p>"), (answer.Status, answer["Content-Type"], answer.Text));
    }

    [Theory]
    [InlineData("nothing.txt")]
    [InlineData("")]
    public async Task What_is_no_file_is_not_found(string name)
    {
        await using var server = Serve(handler => handler.SendFileAsync(Path.Combine(_directory.Path, "reports", name)));
        Assert.Equal(404, (await server.GetAsync("/x")).Status);
    }

    [Fact]
    public async Task A_method_need_not_wait_for_the_file_that_it_sends()
    {
        await using var server = new RunningServer(() => new Careless { Directory = _root });
        using var client = await server.ConnectAsync();
        for (var round = 0; round < 3; round++)
        {
            await client.SendAsync("GET /big.bin HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(16_000_000, (await client.ReadResponseAsync()).Body.Length);
        }

        Assert.Empty(server.Log.Errors);
    }

    private RunningServer Serve(Func<SimpleHttpRequestHandler, ValueTask> answer) => new(() => new Sending(answer) { Directory = _root });

    private sealed class Sending(Func<SimpleHttpRequestHandler, ValueTask> answer) : SimpleHttpRequestHandler
    {
        protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) => handler => answer((Sending)handler);
    }

    /// <summary>As a PowerShell class does it, which cannot await.</summary>
    private sealed class Careless : SimpleHttpRequestHandler
    {
        public new void DoGet() => Forget(base.DoGet());

        private static void Forget(ValueTask task) => Assert.False(task.IsFaulted);
    }
}
