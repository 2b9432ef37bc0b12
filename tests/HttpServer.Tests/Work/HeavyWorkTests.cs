using Http.Server.Tests.Support;
using Http.Server.Work;

namespace Http.Server.Tests.Work;

/// <summary>Work that takes processors and memory has a limit at once, and what comes beyond an answer.</summary>
public sealed class HeavyWorkTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly WorkLimits _limits = new() { Archives = new WorkGate(1, 1), Listings = new WorkGate(1, 1), Compressions = new WorkGate(1, 1), Encoders = new WorkGate(1, 0), Received = new ByteBudget(long.MaxValue), Listed = new ByteBudget(3_000_000) };
    private readonly RunningServer _server;

    public HeavyWorkTests()
    {
        _directory.Write("large.txt", string.Concat(Enumerable.Repeat("some text of a file\n", 50_000)));
        _directory.Write("folder/a.txt", "a");
        _directory.Write("site/index.html", "index");
        _server = RunningServer.OfDirectory(_directory.Path, handler => (handler.HeavyWork, handler.Archive) = (_limits, true), new() { TimeProvider = new LaterTimeProvider(TimeSpan.FromHours(1)) });
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

    [Theory]
    [InlineData("/folder/")]
    [InlineData("/?archive=tar")]
    public async Task It_waits_behind_an_invoker_too_unless_overrides_are_bound_to_that(string target)
    {
        foreach (var areBound in new[] { true, false })
        {
            await using var server = RunningServer.OfDirectory(_directory.Path, handler =>
                (handler.HeavyWork, handler.Archive, handler.RequestInvoker, handler.OverridesNeedInvoker) = (_limits, true, static (_, answer) => answer(), areBound));
            var gate = target == "/folder/" ? _limits.Listings : _limits.Archives;
            Assert.True(gate.TryEnter());
            using var client = await server.ConnectAsync();
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");
            if (!areBound)
            {
                await UntilAsync(() => gate.Inside == 2);
                gate.Leave();
            }

            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
            if (areBound)
                gate.Leave();
            await UntilAsync(() => gate.Inside == 0);
        }
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

    [Theory]
    [InlineData("/text.txt")]
    [InlineData("/texts/")]
    public async Task A_file_is_compressed_for_memory_behind_a_gate_and_all_else_passes_it(string target)
    {
        var text = string.Concat(Enumerable.Repeat("some text of a file\n", 5_000));
        foreach (var name in new[] { "text.txt", "texts/index.html", "image.png" })
            _directory.Write(name, text, TimeSpan.FromHours(1));
        _directory.Write("short.txt", text[..20_000], TimeSpan.FromHours(1));
        for (var time = 0; time < 2; time++)
        {
            Assert.True(_limits.Compressions.TryEnter());
            using var waiting = await AskAndWaitAsync(_limits.Compressions, target, "Accept-Encoding: gzip\r\n");
            Assert.Equal(503, (await _server.GetAsync(target, "Accept-Encoding: gzip\r\n")).Status);
            var plain = await _server.GetAsync(target);
            Assert.Equal((200, null), (plain.Status, plain["Content-Encoding"]));
            Assert.Equal(200, (await _server.GetAsync("/image.png", "Accept-Encoding: gzip\r\n")).Status);
            Assert.Equal("gzip", (await _server.GetAsync("/short.txt", "Accept-Encoding: gzip\r\n"))["Content-Encoding"]);
            _limits.Compressions.Leave();
            var compressed = await waiting.ReadResponseAsync();
            Assert.Equal(("gzip", text), (compressed["Content-Encoding"], compressed.DecodedText()));
            Assert.Equal(0, _limits.Compressions.Inside);

            // What is in memory passes too.
            Assert.True(_limits.Compressions.TryEnter());
            Assert.Equal("gzip", (await _server.GetAsync(target, "Accept-Encoding: gzip\r\n"))["Content-Encoding"]);
            _limits.Compressions.Leave();
            if (time == 0)
                _directory.Write(target == "/texts/" ? "texts/index.html" : "text.txt", text = text.Replace("some", "more", StringComparison.Ordinal), TimeSpan.FromMinutes(30));
        }
    }

    [Fact]
    public async Task Those_who_ask_for_a_listing_at_once_have_it_made_once_also_while_the_directory_changes()
    {
        var limits = new WorkLimits { Archives = _limits.Archives, Listings = new WorkGate(1, 64), Compressions = _limits.Compressions, Encoders = _limits.Encoders, Received = new ByteBudget(long.MaxValue), Listed = _limits.Listed };
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.HeavyWork = limits);
        Assert.True(limits.Listings.TryEnter());
        var clients = new List<RawClient>();
        for (var number = 0; number < 8; number++)
        {
            clients.Add(await server.ConnectAsync());
            await clients[^1].SendAsync("GET /folder/ HTTP/1.1\r\nHost: test\r\n\r\n");
        }

        await UntilAsync(() => limits.Listings.Inside == 9);
        _directory.Write("folder/new.txt", "new");
        limits.Listings.Leave();
        foreach (var client in clients)
        {
            Assert.Contains("new.txt", (await client.ReadResponseAsync()).Text, StringComparison.Ordinal);
            client.Dispose();
        }

        // Who asks later sees what has been changed meanwhile.
        _directory.Write("folder/later.txt", "later");
        Assert.Contains("later.txt", (await server.GetAsync("/folder/")).Text, StringComparison.Ordinal);
    }

    /// <summary>A class's own way to a path, or to a listing, leads through the same gate.</summary>
    [Fact]
    public async Task Overrides_do_not_pass_the_gate()
    {
        foreach (var create in new Func<SimpleHttpRequestHandler>[] { () => new OwnPaths(), () => new OwnListings() })
        {
            await using var server = new RunningServer(() =>
            {
                var handler = create();
                (handler.Directory, handler.HeavyWork) = (_directory.Path, _limits);
                return handler;
            });
            Assert.True(_limits.Listings.TryEnter());
            using var client = await server.ConnectAsync();
            await client.SendAsync("GET /folder/ HTTP/1.1\r\nHost: test\r\n\r\n");
            await UntilAsync(() => _limits.Listings.Inside == 2);
            _limits.Listings.Leave();
            Assert.Contains("a.txt", (await client.ReadResponseAsync()).Text, StringComparison.Ordinal);
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

    private async Task<RawClient> AskAndWaitAsync(WorkGate gate, string target, string headers = "")
    {
        var inside = gate.Inside;
        var client = await _server.ConnectAsync();
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
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

    private sealed class OwnPaths : SimpleHttpRequestHandler
    {
        protected override string? TranslatePath(string path) => base.TranslatePath(path);
    }

    private sealed class OwnListings : SimpleHttpRequestHandler
    {
        protected override FileContent? ListDirectory(string path) => base.ListDirectory(path);
    }
}
