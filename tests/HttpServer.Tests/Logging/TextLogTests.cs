using System.Text;

namespace Http.Server.Tests.Logging;

public sealed class TextLogTests
{
    [Fact]
    public void Requests_and_messages_are_lines_in_their_order()
    {
        var lines = Write(log =>
        {
            Request(log, "GET /1 HTTP/1.1");
            log.Message(LogLevel.Information, "192.0.2.7", "two");
            Request(log, "GET /3 HTTP/1.1");
        });
        Assert.Collection(
            lines,
            line => Assert.Contains("GET /1", line),
            line => Assert.EndsWith("] two", line),
            line => Assert.Contains("GET /3", line));
    }

    [Fact]
    public void Debug_messages_are_written_only_if_asked_for()
    {
        Assert.Empty(Write(log => log.Message(LogLevel.Debug, null, "x")));
        Assert.Single(Write(log => log.Message(LogLevel.Debug, null, "x"), stream => new TextLog(stream) { MinimumLevel = LogLevel.Debug }));
    }

    [Fact]
    public void Requests_can_be_left_out() => Assert.Contains("stays", Assert.Single(Write(
        log =>
        {
            Request(log, "GET / HTTP/1.1");
            log.Message(LogLevel.Error, null, "stays");
        },
        stream => new TextLog(stream) { WriteRequests = false })));

    [Fact]
    public void Flush_waits_until_all_is_written()
    {
        using var stream = new MemoryStream();
        using var log = new TextLog(stream);
        for (var n = 1; n <= 100; n++)
        {
            Request(log, $"GET /{n} HTTP/1.1");
            log.Flush();
            Assert.Equal(n, Encoding.UTF8.GetString(stream.ToArray()).Count(c => c == '\n'));
        }
    }

    [Fact]
    public async Task Lines_of_many_threads_never_mix()
    {
        const int Threads = 8;
        const int Lines = 500;
        using var stream = new MemoryStream();
        using (var log = new TextLog(stream, waitWhenFull: true))
        {
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(
                () =>
                {
                    for (var n = 0; n < Lines; n++)
                        Request(log, $"GET /{thread}-{n} HTTP/1.1");
                },
                TestContext.Current.CancellationToken)));
        }

        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n')[..^1];
        Assert.Equal(Threads * Lines, lines.Length);
        Assert.All(lines, line => Assert.Matches("^192\\.0\\.2\\.7 - - \\[[^]]+\\] \"GET /\\d-\\d+ HTTP/1\\.1\" 200 -$", line));
        Assert.Distinct(lines.Select(line => line.Split('"')[1]));
    }

    [Fact]
    public void StandardError_is_one_log() => Assert.Same(TextLog.StandardError, TextLog.StandardError);

    [Fact]
    public void The_null_log_takes_everything()
    {
        Request(NullLog.Instance, "GET / HTTP/1.1");
        NullLog.Instance.Message(LogLevel.Error, null, "x");
    }

    private static void Request(IHttpLog log, string line) => log.Request(new RequestRecord
    {
        Time = DateTime.UnixEpoch,
        Client = "192.0.2.7",
        RequestLine = Encoding.Latin1.GetBytes(line),
        Status = 200,
    });

    private static string[] Write(Action<TextLog> write, Func<Stream, TextLog>? make = null)
    {
        using var stream = new MemoryStream();
        using (var log = make?.Invoke(stream) ?? new TextLog(stream))
            write(log);
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n')[..^1];
    }
}
