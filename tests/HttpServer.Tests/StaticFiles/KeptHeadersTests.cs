using System.Text.RegularExpressions;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.StaticFiles;

/// <summary>
/// Headers of content in memory are kept as bytes: an answer made of them is the one that would have been made anew, whatever a
/// class overrides or an option says.
/// </summary>
public sealed partial class KeptHeadersTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public KeptHeadersTests()
    {
        _directory.Write("a.txt", "hello");
        _directory.Write("long.txt", new string('x', 5000));
        _directory.Write("page/index.html", "<p>page</p>");
        _directory.MakeDirectory("sub");
        var future = _directory.Write("future.txt", "hello");
        File.SetLastWriteTimeUtc(future, new DateTime(2090, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("GET", "/a.txt", "")]
    [InlineData("HEAD", "/a.txt", "")]
    [InlineData("GET", "/a.txt", "If-None-Match: *\r\n")]
    [InlineData("GET", "/a.txt", "Range: bytes=1-2\r\n")]
    [InlineData("GET", "/a.txt", "Range: bytes=9-\r\n")]
    [InlineData("GET", "/a.txt", "Connection: close\r\n")]
    [InlineData("GET", "/long.txt", "")]
    [InlineData("GET", "/long.txt", "Accept-Encoding: gzip\r\n")]
    [InlineData("HEAD", "/long.txt", "Accept-Encoding: br\r\n")]
    [InlineData("GET", "/long.txt", "Accept-Encoding: gzip\r\nIf-None-Match: *\r\n")]
    [InlineData("GET", "/page/", "")]
    [InlineData("GET", "/page/", "If-None-Match: *\r\n")]
    [InlineData("GET", "/sub/", "")]
    [InlineData("GET", "/sub/?format=json", "")]
    [InlineData("GET", "/future.txt", "")]
    [InlineData("GET", "/future.txt", "If-None-Match: *\r\n")]
    public async Task The_next_answers_are_the_first_one(string method, string target, string headers)
    {
        foreach (var configure in Configurations())
        {
            await using var server = Serve(() => Configured(new SimpleHttpRequestHandler(), configure));
            var count = 0;
            await using var mixed = Serve(() =>
                Configured(new SimpleHttpRequestHandler(), count++ % 2 == 0 ? static _ => { }
            : configure));
            await using var overriding = Serve(() => Configured(new Counting(), configure));
            var first = await AskAsync(server);
            for (var round = 0; round < 3; round++)
                Assert.Equal(first, await AskAsync(server));
            // Handlers of one server may differ: none gets what another one has kept.
            for (var round = 0; round < 3; round++)
                Assert.Equal(first, await AskAsync(mixed));
            // A class with a SendHeader of its own is never served from what is kept.
            Assert.Equal(first, await AskAsync(overriding));
            Assert.Equal(first, await AskAsync(overriding));
        }

        async Task<string> AskAsync(RunningServer server)
        {
            // What other requests keep must not be taken for this one's.
            await server.GetAsync(target);
            var answer = await server.SendAsync($"{method} {target} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
            return Changing().Replace(answer.StatusLine + "\n" + string.Join("\n", answer.Headers.Select(static header => $"{header.Key}: {header.Value}")), "");
        }
    }

    [Theory]
    [InlineData("/a.txt", "")]
    [InlineData("/a.txt", "If-None-Match: *\r\n")]
    public async Task A_class_sees_each_header_of_each_answer(string target, string headers)
    {
        var handlers = new List<Counting>();
        await using var server = Serve(() =>
        {
            var handler = new Counting { Directory = _directory.Path };
            handlers.Add(handler);
            return handler;
        });
        for (var round = 0; round < 3; round++)
            await server.GetAsync(target, headers);
        Assert.Equal(3, handlers.Count);
        Assert.True(handlers[0].Headers.Count > 4);
        Assert.All(handlers, handler => Assert.Equal(handlers[0].Headers, handler.Headers));
    }

    [Fact]
    public async Task The_date_goes_on_and_what_lies_in_the_future_goes_with_it()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2080, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = time });
        for (var second = 0; second < 3; second++, time.Advance(TimeSpan.FromSeconds(1)))
        {
            var now = $"Mon, 01 Jan 2080 00:00:0{second} GMT";
            for (var round = 0; round < 2; round++)
            {
                var answer = await server.GetAsync("/future.txt");
                Assert.Equal(now, answer["Date"]);
                Assert.Equal(now, answer["Last-Modified"]);
                Assert.Equal(now, (await server.GetAsync("/a.txt"))["Date"]);
                Assert.Equal(now, (await server.GetAsync("/a.txt", "If-None-Match: *\r\n"))["Date"]);
            }
        }
    }

    [Fact]
    public async Task Classes_that_begin_answers_in_their_own_way_do_so_each_time()
    {
        await using var server = Serve(() => new OwnStarts { Directory = _directory.Path });
        for (var round = 1; round <= 3; round++)
        {
            var answer = await server.GetAsync("/a.txt");
            Assert.Equal("my date", answer["Date"]);
            Assert.Equal("1", answer["X-Start"]);
            Assert.StartsWith("Mine/", answer["Server"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_version_may_change_between_requests_and_differ_between_handlers()
    {
        var count = 0;
        await using var server = Serve(() => new SimpleHttpRequestHandler
        {
            Directory = _directory.Path,
            ProtocolVersion = count / 2 % 2 == 0 ? "HTTP/1.1" : "HTTP/1.0",
            ServerVersion = $"Mine/{count++}",
        });
        for (var round = 0; round < 8; round++)
        {
            var answer = await server.GetAsync("/a.txt");
            Assert.Equal($"Mine/{round}", answer["Server"]);
            Assert.StartsWith(round / 2 % 2 == 0 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.0 200 OK\r\n", answer.StatusLine + "\r\n", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task There_is_no_second_answer_after_one_that_began_with_what_was_kept()
    {
        var failures = new List<string>();
        await using var server = Serve(() => new Twice(failures));
        for (var round = 0; round < 3; round++)
            Assert.Equal("one", (await server.GetAsync("/")).Text);
        Assert.Equal(3, failures.Count);
    }

    private static IEnumerable<Action<SimpleHttpRequestHandler>> Configurations() =>
    [
        static _ => { },
        static handler => handler.ExtraHeaders = [new("Server", "Other"), new("X-Extra", "1")],
        static handler => handler.ExtraHeaders = [new("ETag", "\"own\"")],
        static handler => handler.CacheControl = "",
        static handler => handler.ImmutableFiles = ["*.txt"],
        static handler => handler.CorsOrigins = ["*"],
        static handler => handler.DefaultContentType = "text/x-own",
        static handler => handler.ServerVersion = "",
        static handler => handler.LiveReload = true,
    ];

    private static RunningServer Serve(Func<BaseHttpRequestHandler> create) =>
        new(create, new() { TimeProvider = new StandingTimeProvider() });

    private SimpleHttpRequestHandler Configured(SimpleHttpRequestHandler handler, Action<SimpleHttpRequestHandler> configure)
    {
        handler.Directory = _directory.Path;
        configure(handler);
        return handler;
    }

    /// <summary>Parts that differ between two servers, whose clocks stand at different times.</summary>
    [GeneratedRegex("(?m)^(Date: |Last-Modified: .* 20[2-9]).*$")]
    private static partial Regex Changing();

    private sealed class Counting : SimpleHttpRequestHandler
    {
        public new List<string> Headers { get; } = [];

        public override void SendHeader(string keyword, string value)
        {
            Headers.Add(keyword);
            base.SendHeader(keyword, value);
        }
    }

    private sealed class OwnStarts : SimpleHttpRequestHandler
    {
        private static int Count;

        public override void SendResponseOnly(int code, string? message = null)
        {
            base.SendResponseOnly(code, message);
            SendHeader("X-Start", "1");
        }

        public override string VersionString() => $"Mine/{Interlocked.Increment(ref Count)}";

        public override string DateTimeString(DateTimeOffset? timestamp = null) => "my date";
    }

    private sealed class Twice(List<string> failures) : BaseHttpRequestHandler
    {
        public void DoGet()
        {
            SendText("one");
            try
            {
                SendResponse(200);
            }
            catch (InvalidOperationException exception)
            {
                failures.Add(exception.Message);
            }
        }
    }
}
