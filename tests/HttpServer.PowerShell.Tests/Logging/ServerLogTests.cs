using System.Text;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Tests.Logging;

public sealed class ServerLogTests : IDisposable
{
    /// <summary>The entries that are kept.</summary>
    private const int Capacity = 10_000;

    private readonly ServerLog _log = new("site", null, isQuiet: false);

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Each_entry_is_read_once_the_oldest_first()
    {
        Assert.Empty(_log.Read(keep: false));
        Say("one", "two");
        Assert.Equal(["one", "two"], Messages(_log.Read(keep: false)));
        Assert.Empty(_log.Read(keep: false));
        Say("three");
        Assert.Equal(["three"], Messages(_log.Read(keep: false)));
    }

    [Fact]
    public void Kept_entries_are_read_again()
    {
        Say("one");
        Assert.Equal(["one"], Messages(_log.Read(keep: true)));
        Say("two");
        Assert.Equal(["one", "two"], Messages(_log.Read(keep: true)));
        Assert.Equal(["one", "two"], Messages(_log.Read(keep: false)));
        Assert.Empty(_log.Read(keep: true));
    }

    [Fact]
    public void The_oldest_entries_give_way_to_new_ones()
    {
        Say([.. Enumerable.Range(1, Capacity + 50).Select(number => $"{number}")]);
        var entries = _log.Read(keep: false);
        Assert.Equal(Capacity, entries.Count);
        Assert.Equal(("51", $"{Capacity + 50}"), (entries[0].Message, entries[^1].Message));
        Assert.Empty(_log.Read(keep: false));
        Say("more");
        Assert.Equal(["more"], Messages(_log.Read(keep: false)));
    }

    [Fact]
    public void A_follower_goes_on_where_it_was_and_reads_for_itself()
    {
        Say("one", "two");
        var position = 0L;
        Assert.Equal(["one", "two"], Messages(_log.Follow(ref position, TimeSpan.Zero)));
        Assert.Empty(_log.Follow(ref position, TimeSpan.Zero));
        Say("three");
        Assert.Equal(["three"], Messages(_log.Follow(ref position, TimeSpan.Zero)));
        Assert.Equal(["one", "two", "three"], Messages(_log.Read(keep: false)));
    }

    [Fact]
    public void A_follower_that_is_slow_loses_what_was_overwritten()
    {
        Say("one");
        var position = 0L;
        _log.Follow(ref position, TimeSpan.Zero);
        Say([.. Enumerable.Range(1, Capacity + 5).Select(number => $"{number}")]);
        var entries = _log.Follow(ref position, TimeSpan.Zero);
        Assert.Equal(Capacity, entries.Count);
        Assert.Equal("6", entries[0].Message);
    }

    [Fact]
    public async Task A_follower_waits_for_the_next_entry()
    {
        var following = Task.Run(() =>
        {
            var position = 0L;
            return _log.Follow(ref position, Timeout.InfiniteTimeSpan);
        });
        Say("at last");
        Assert.Equal(["at last"], Messages(await following.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_follower_can_be_woken_without_an_entry()
    {
        var following = Task.Run(() =>
        {
            var position = 0L;
            return _log.Follow(ref position, Timeout.InfiniteTimeSpan);
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        // It may not wait yet when it is woken.
        while (!following.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            _log.WakeFollowers();
            await Task.Yield();
        }

        Assert.Empty(await following);
    }

    [Fact]
    public void What_a_follower_has_shown_can_count_as_read()
    {
        Say("one", "two", "three");
        _log.MarkRead(2);
        Assert.Equal(2, _log.Position);
        Assert.Equal(["three"], Messages(_log.Read(keep: true)));
        _log.MarkRead(1);
        Assert.Equal(["three"], Messages(_log.Read(keep: false)));
    }

    [Fact]
    public void A_request_is_an_entry_with_all_that_is_known()
    {
        var time = new DateTime(2026, 5, 4, 3, 2, 1, DateTimeKind.Utc);
        _log.Request(new RequestRecord
        {
            Connection = 7,
            Number = 2,
            Time = time,
            Elapsed = TimeSpan.FromMilliseconds(5),
            Client = "192.0.2.1",
            User = "ada",
            RequestLine = "GET /a?b=1 HTTP/1.1"u8,
            Status = 200,
            BodyBytes = 42,
            Referer = "http://x/"u8,
            UserAgent = "curl"u8,
        });
        var entry = Assert.Single(_log.Read(keep: false));
        Assert.True(entry.IsRequest);
        Assert.Equal(
            (time.ToLocalTime(), LogLevel.Information, "site", "192.0.2.1", "ada", "GET", "/a?b=1", 200, 42L, TimeSpan.FromMilliseconds(5)),
            (entry.Time, entry.Level, entry.Server, entry.Client, entry.User, entry.Method, entry.Path, entry.Status, entry.Bytes, entry.Duration));
        Assert.Equal(new RequestRecord { Connection = 7, Number = 2 }.Id, entry.RequestId);
        Assert.Equal(("http://x/", "curl", null), (entry.Referer, entry.UserAgent, entry.Message));
        Assert.Equal($"192.0.2.1 [{entry.Time:yyyy-MM-dd HH:mm:ss}] \"GET /a?b=1\" 200 42", entry.ToString());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", "GET", "/")]
    [InlineData("GET /a b HTTP/1.1", "GET", "/a b")]
    [InlineData("GET /", "GET", "/")]
    [InlineData("GET", "GET", "")]
    [InlineData("", "", "")]
    [InlineData("GET /\x1b[2J HTTP/1.1", "GET", @"/\x1b[2J")]
    [InlineData("GET /a\\x1b HTTP/1.1", "GET", @"/a\\x1b")]
    [InlineData("GET /\u00e4\u202e HTTP/1.1", "GET", "/\u00e4\\u202e")]
    public void A_request_line_is_taken_apart_and_made_safe_to_show(string line, string method, string path)
    {
        _log.Request(new RequestRecord { Client = "", RequestLine = Encoding.UTF8.GetBytes(line), Status = 400 });
        var entry = Assert.Single(_log.Read(keep: false));
        Assert.Equal((method, path, 400), (entry.Method, entry.Path, entry.Status));
        Assert.Equal((null, null), (entry.Referer, entry.UserAgent));
    }

    [Fact]
    public void A_message_knows_its_level_its_client_and_its_request_and_is_made_safe_to_show()
    {
        _log.Script(LogLevel.Warning, "192.0.2.1", "7-2", "two\r\nlines \x1b[2J");
        var entry = Assert.Single(_log.Read(keep: false));
        Assert.Equal((LogLevel.Warning, "192.0.2.1", "7-2", "two\nlines \\x1b[2J"), (entry.Level, entry.Client, entry.RequestId, entry.Message));
        Assert.False(entry.IsRequest);
        Assert.EndsWith("Warning: two\n    lines \\x1b[2J", entry.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quiet_log_has_messages_but_no_requests()
    {
        using var log = new ServerLog("site", null, isQuiet: true);
        Assert.False(log.TakesRequests);
        Assert.True(_log.TakesRequests);
        log.Request(new RequestRecord { Client = "", Status = 200 });
        log.Message(LogLevel.Warning, null, "one");
        Assert.Equal(["one"], Messages(log.Read(keep: false)));
    }

    [Fact]
    public void A_file_gets_every_line_too()
    {
        using var lines = new MemoryStream();
        using (var log = new ServerLog("site", new TextLog(lines), isQuiet: false))
        {
            log.Request(new RequestRecord { Client = "192.0.2.1", RequestLine = "GET /a HTTP/1.1"u8, Status = 200 });
            log.Script(LogLevel.Error, "192.0.2.1", "7-2", "no");
        }

        var text = Encoding.UTF8.GetString(lines.ToArray()).Split('\n');
        Assert.Contains("\"GET /a HTTP/1.1\" 200", text[0], StringComparison.Ordinal);
        Assert.EndsWith("[7-2] no", text[1], StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Messages(IEnumerable<HttpServerLogEntry> entries) => entries.Select(entry => entry.Message);

    private void Say(params string[] messages)
    {
        foreach (var message in messages)
            _log.Message(LogLevel.Information, null, message);
    }
}
