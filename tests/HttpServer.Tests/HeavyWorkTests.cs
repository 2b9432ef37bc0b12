using Http.Server.Tests.Support;
using Http.Server.Work;

namespace Http.Server.Tests;

/// <summary>Work that takes processors and memory has a limit at once, and what comes beyond an answer.</summary>
public sealed class HeavyWorkTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly WorkLimits _limits = new() { Archives = new WorkGate(1, 1), Listings = new WorkGate(1, 1), Encoders = new WorkGate(1, 0), Listed = new ByteBudget(3_000_000) };
    private readonly RunningServer _server;

    public HeavyWorkTests()
    {
        _directory.Write("large.txt", string.Concat(Enumerable.Repeat("some text of a file\n", 50_000)));
        _directory.Write("folder/a.txt", "a");
        _directory.Write("site/index.html", "index");
        _server = RunningServer.OfDirectory(_directory.Path, handler => (handler.HeavyWork, handler.Archive) = (_limits, true));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("/folder/", true)]
    [InlineData("/folder/?format=json", true)]
    [InlineData("/folder/?archive=zip", false)]
    [InlineData("/folder?archive=tar", false)]
    public async Task Beyond_the_limit_a_request_waits_and_beyond_the_queue_it_is_503(string target, bool isListing)
    {
        var gate = isListing ? _limits.Listings : _limits.Archives;
        Assert.True(gate.TryEnter());
        using var waiting = await AskAndWaitAsync(gate, target);

        var refused = await _server.GetAsync(target);
        Assert.Equal((503, "1"), (refused.Status, refused["Retry-After"]));
        Assert.Equal((200, 200), ((await _server.GetAsync("/folder/a.txt")).Status, (await _server.GetAsync("/site/")).Status));

        gate.Leave();
        Assert.Equal(200, (await waiting.ReadResponseAsync()).Status);
        Assert.Equal(200, (await _server.GetAsync(target)).Status);
        Assert.Equal(0, gate.Inside);
    }

    [Fact]
    public async Task A_client_that_leaves_waits_no_longer()
    {
        Assert.True(_limits.Archives.TryEnter());
        (await AskAndWaitAsync(_limits.Archives, "/?archive=zip")).Reset();
        await UntilAsync(() => _limits.Archives.Inside == 1);
        _limits.Archives.Leave();
        Assert.Equal(200, (await _server.GetAsync("/?archive=zip")).Status);
        Assert.Empty(_server.Log.Errors);
    }

    [Fact]
    public async Task Without_a_free_compressor_a_client_gets_the_file_as_it_is_and_caches_know()
    {
        Assert.True(_limits.Encoders.TryEnter());
        var plain = await _server.GetAsync("/large.txt", "Accept-Encoding: gzip\r\n");
        Assert.Equal((200, null, "Accept-Encoding", 1_000_000), (plain.Status, plain["Content-Encoding"], plain["Vary"], plain.Body.Length));
        var refused = await _server.GetAsync("/large.txt", "Accept-Encoding: gzip, identity;q=0\r\n");
        Assert.Equal((503, "1"), (refused.Status, refused["Retry-After"]));

        _limits.Encoders.Leave();
        for (var time = 0; time < 3; time++)
        {
            Assert.Equal("gzip", (await _server.GetAsync("/large.txt", "Accept-Encoding: gzip\r\n"))["Content-Encoding"]);
            Assert.Equal("br", (await _server.SendAsync("HEAD /large.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: br\r\n\r\n"))["Content-Encoding"]);
            await UntilAsync(() => _limits.Encoders.Free == 1);
        }
    }

    [Fact]
    public async Task A_large_listing_is_counted_while_it_is_sent_and_shared_by_those_who_ask_at_once()
    {
        var names = Path.Combine(_directory.Path, "names");
        Directory.CreateDirectory(names);
        for (var number = 0; number < 9_000; number++)
            await File.WriteAllBytesAsync(Path.Combine(names, $"ein-Name-mit-Umlauten-äöü-{number:0000}"), [], TestContext.Current.CancellationToken);
        Directory.SetLastWriteTimeUtc(names, DateTime.UtcNow.AddHours(-1));

        var page = await _server.GetAsync("/names/");
        Assert.Equal((200, page.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), (page.Status, page["Content-Length"]));
        Assert.True(page.Body.Length > 1024 * 1024);
        Assert.Equal(9_000, Listing.NamesOf(page.Text).Count(static name => name.StartsWith("ein-Name-mit-Umlauten-äöü-", StringComparison.Ordinal)));
        Assert.Equal(page.Text, (await _server.GetAsync("/names/", "Accept-Encoding: gzip\r\n")).DecodedText());
        using var json = System.Text.Json.JsonDocument.Parse((await _server.GetAsync("/names/?format=json")).Body);
        Assert.Equal(9_000, json.RootElement.GetArrayLength());
        await UntilAsync(() => _limits.Listed.Taken == 0);

        Assert.True(_limits.Listed.TryTake(2_900_000));
        Assert.Equal(503, (await _server.GetAsync("/names/")).Status);
        Assert.Equal(200, (await _server.GetAsync("/folder/")).Status);
        Assert.Equal(2_900_000, _limits.Listed.Taken);
    }

    private async Task<RawClient> AskAndWaitAsync(WorkGate gate, string target)
    {
        var inside = gate.Inside;
        var client = await _server.ConnectAsync();
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");
        await UntilAsync(() => gate.Inside == inside + 1);
        return client;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var end = Environment.TickCount64 + 30_000; !isSo();)
        {
            Assert.True(Environment.TickCount64 < end, "It never became so.");
            await Task.Yield();
        }
    }
}
