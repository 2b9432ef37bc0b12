using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.LiveReload;

/// <summary>The events of live reload, byte by byte.</summary>
public sealed class LiveEventTests : IDisposable
{
    private const string Target = "/.well-known/httpserver/live-reload";
    private readonly TempDirectory _directory = new();

    private string Site => _directory.MakeDirectory("site");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_change_is_told_to_everybody_who_listens()
    {
        await using var server = Serve();
        using var one = await ListenAsync(server);
        using var other = await ListenAsync(server, "HTTP/1.0");
        Assert.Equal(one.Version, other.Version);
        _directory.Write("site/a.html", "a");
        var told = await one.ReadEventAsync();
        Assert.Equal("reload", told.Name);
        Assert.NotEqual(one.Version, told.Data);
        Assert.Equal(told, await other.ReadEventAsync());
        using var late = await ListenAsync(server);
        Assert.Equal(told.Data, late.Version);
    }

    [Fact]
    public async Task The_head_says_what_follows()
    {
        await using var server = Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync($"GET {Target} HTTP/1.1\r\nHost: test\r\n\r\n");
        var head = await client.ReadThroughAsync("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        foreach (var header in new[] { "Content-Type: text/event-stream", "Cache-Control: no-store", "Connection: close", "Transfer-Encoding: chunked" })
            Assert.Contains($"\r\n{header}\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith("retry: 1000\nevent: version\ndata: ", (await client.ReadThroughAsync("\n\n")).Split("\r\n")[1], StringComparison.Ordinal);
        var headOnly = await server.SendAsync($"HEAD {Target} HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal((200, "text/event-stream"), (headOnly.Status, headOnly["Content-Type"]));
    }

    [Fact]
    public async Task Style_sheets_alone_are_told_as_such()
    {
        _directory.Write("site/look/a.css", "p {}");
        await using var server = Serve();
        using var listener = await ListenAsync(server);
        _directory.Write("site/look/a.css", "p { color: red }");
        Assert.Equal("style", (await listener.ReadEventAsync()).Name);
        // An editor that writes another file and gives it the name.
        _directory.Write("site/look/a.css~", "p { color: blue }");
        File.Move(Path.Combine(Site, "look", "a.css~"), Path.Combine(Site, "look", "a.css"), overwrite: true);
        Assert.Equal("style", (await listener.ReadEventAsync()).Name);
        _directory.Write("site/a.js", "1");
        await WaitForAsync(listener, "reload");
    }

    [Fact]
    public async Task A_new_folder_is_watched_too_and_what_goes_is_told()
    {
        await using var server = Serve();
        using var listener = await ListenAsync(server);
        var folder = _directory.MakeDirectory("site/new");
        Assert.Equal("reload", (await listener.ReadEventAsync()).Name);
        _directory.Write("site/new/a.html", "a");
        Assert.Equal("reload", (await listener.ReadEventAsync()).Name);
        Directory.Delete(folder, recursive: true);
        Assert.Equal("reload", (await listener.ReadEventAsync()).Name);
    }

    [Fact]
    public async Task What_no_page_shows_is_not_told()
    {
        _directory.MakeDirectory("site/.git");
        _directory.MakeDirectory("site/node_modules/a");
        await using var server = Serve();
        using var listener = await ListenAsync(server);
        foreach (var name in new[] { ".git/index", ".a.html.swp", "a.html~", "4913", "node_modules/a/index.js", "access.log" })
            _directory.Write("site/" + name, "x");
        // Had any of them counted, the row would not be one of style sheets alone.
        _directory.Write("site/a.css", "p {}");
        Assert.Equal("style", (await listener.ReadEventAsync()).Name);
    }

    [Fact]
    public async Task A_directory_that_takes_the_place_of_the_old_one_is_watched()
    {
        _directory.Write("site/a.html", "a");
        await using var server = Serve();
        using var listener = await ListenAsync(server);
        Directory.Move(Site, Path.Combine(_directory.Path, "old"));
        _directory.Write("site/b.html", "b");
        Assert.Equal("reload", (await listener.ReadEventAsync()).Name);
        using var later = await ListenAsync(server);
        _directory.Write("site/c.css", "c");
        await WaitForAsync(later, "style");
    }

    [Fact]
    public async Task Two_hundred_tabs_hear_it()
    {
        await using var server = Serve();
        var listeners = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => ListenAsync(server)));
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        _directory.Write("site/a.html", "a");
        var told = await Task.WhenAll(listeners.Select(listener => listener.ReadEventAsync()));
        Assert.All(told, each => Assert.Equal(told[0], each));
        foreach (var listener in listeners)
            listener.Dispose();
    }

    [Fact]
    public async Task Silence_is_filled_and_ends_no_connection()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        // This clock runs so fast that every client would seem slow.
        await using var server = Serve(new() { TimeProvider = time, MinResponseRate = 0 });
        using var listener = await ListenAsync(server);
        for (var beat = 0; beat < 5; beat++)
        {
            var reading = listener.ReadAsync();
            while (!reading.IsCompleted)
            {
                // Whoever waits for the next beat may not have begun to.
                time.Advance(TimeSpan.FromSeconds(10));
                await Task.Yield();
            }

            Assert.Equal(":\n\n", await reading);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_server_ends_the_events_at_once(bool isSecure)
    {
        var server = RunningServer.OfDirectory(Site, handler => handler.LiveReload = true, certificate: isSecure ? ServerCertificate.SelfSigned() : null);
        using var listener = await ListenAsync(server);
        // Far longer than the test may take: it is not the grace that ends them.
        await server.Server.ShutdownAsync(TimeSpan.FromMinutes(10));
        Assert.Equal("", await listener.ReadToEndAsync());
        Assert.False(IsWatched(server));
        await server.DisposeAsync();
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_is_noticed(bool isSecure)
    {
        await using var server = RunningServer.OfDirectory(Site, handler => handler.LiveReload = true, certificate: isSecure ? ServerCertificate.SelfSigned() : null);
        var listener = await ListenAsync(server);
        Assert.Equal(1, server.Server.ActiveRequestCount);
        listener.Dispose();
        await server.Log.WaitForAsync(log => log.Requests.Count == 1 || log.Messages.Any(message => message.Level == LogLevel.Debug));
        Assert.Empty(server.Log.Errors);
        // Who comes back soon has missed nothing.
        Assert.True(IsWatched(server));
    }

    [Fact]
    public async Task A_watcher_that_nobody_needs_ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = Serve(new() { TimeProvider = time });
        var listener = await ListenAsync(server);
        Assert.True(IsWatched(server));
        listener.Dispose();
        while (IsWatched(server))
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_class_with_answers_of_its_own_does_not_answer_its_paths()
    {
        await using var server = new RunningServer(() => new OwnHandler { Directory = Site, LiveReload = true });
        Assert.Equal("own", (await server.GetAsync("/")).Text);
        using var listener = await ListenAsync(server);
        _directory.Write("site/a.html", "a");
        Assert.Equal("reload", (await listener.ReadEventAsync()).Name);
    }

    /// <summary>A host of handlers may answer on threads that it has few of.</summary>
    [Fact]
    public async Task A_host_is_not_kept_by_those_who_listen()
    {
        var inside = 0;
        await using var server = Serve(configure: handler => handler.RequestInvoker = async (_, answer) =>
        {
            Interlocked.Increment(ref inside);
            await answer();
            Interlocked.Decrement(ref inside);
        });
        using var listener = await ListenAsync(server);
        Assert.Equal(0, Volatile.Read(ref inside));
        _directory.Write("site/a.html", "a");
        Assert.Equal("reload", (await listener.ReadEventAsync()).Name);
    }

    /// <summary>One change may be told in two pieces on a machine that has much to do.</summary>
    private static async Task WaitForAsync(EventListener listener, string name)
    {
        while ((await listener.ReadEventAsync()).Name != name)
        {
        }
    }

    private static async Task<EventListener> ListenAsync(RunningServer server, string version = "HTTP/1.1")
    {
        var client = await server.ConnectAsync();
        await client.SendAsync($"GET {Target} {version}\r\nHost: test\r\n\r\n");
        return await EventListener.BeginAsync(client);
    }

    private static bool IsWatched(RunningServer server) => ((ISiteOwner)server.Server).Sites.All.Any(site => site.LiveReload is { IsWatching: true });

    private RunningServer Serve(HttpServerOptions? options = null, Action<SimpleHttpRequestHandler>? configure = null) => RunningServer.OfDirectory(
        Site,
        handler =>
        {
            handler.LiveReload = true;
            configure?.Invoke(handler);
        },
        options);

    private sealed class OwnHandler : SimpleHttpRequestHandler
    {
        public override ValueTask DoGet()
        {
            SendText("own");
            return default;
        }
    }
}
