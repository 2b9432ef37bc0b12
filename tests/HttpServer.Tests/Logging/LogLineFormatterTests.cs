using System.Text;
using System.Text.Json;
using Http.Server.Logging;

namespace Http.Server.Tests.Logging;

public sealed class LogLineFormatterTests
{
    private static readonly DateTime Time = new(2026, 11, 23, 9, 30, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(nameof(LogFormat.Python), "192.0.2.7 - - [dd/MMM/yyyy HH:mm:ss] \"GET / HTTP/1.1\" 200 -\n")]
    [InlineData(nameof(LogFormat.Common), "192.0.2.7 - - [dd/MMM/yyyy:HH:mm:ss zzz] \"GET / HTTP/1.1\" 200 5\n")]
    [InlineData(nameof(LogFormat.Combined), "192.0.2.7 - - [dd/MMM/yyyy:HH:mm:ss zzz] \"GET / HTTP/1.1\" 200 5 \"http://x/\" \"-\"\n")]
    public void A_request_has_the_form_of_its_format(string format, string expected)
    {
        var open = expected.IndexOf('[', StringComparison.Ordinal);
        var close = expected.IndexOf(']', StringComparison.Ordinal);
        var time = new DateTimeOffset(Time).ToLocalTime().ToString(expected[(open + 1)..close], System.Globalization.CultureInfo.InvariantCulture);
        if (format != nameof(LogFormat.Python))
            time = time.Remove(time.LastIndexOf(':'), 1);
        Assert.Equal(expected[..(open + 1)] + time + expected[close..], Format(format, "GET / HTTP/1.1", referer: "http://x/"));
    }

    [Theory]
    [InlineData(LogLevel.Debug, "<7>")]
    [InlineData(LogLevel.Information, "<6>")]
    [InlineData(LogLevel.Warning, "<4>")]
    [InlineData(LogLevel.Error, "<3>")]
    public void Every_line_has_its_priority_before_it_if_that_is_wanted(LogLevel level, string priority)
    {
        foreach (var format in Enum.GetValues<LogFormat>())
        {
            var lines = Encoding.UTF8.GetString(new LogLineFormatter(format, color: false, priorities: true).Format(level, null, "one\ntwo")).TrimEnd('\n').Split('\n');
            Assert.All(lines, line => Assert.StartsWith(priority, line));
            Assert.Equal(level == LogLevel.Error && format != LogFormat.Json ? 2 : 1, lines.Length);
        }
    }

    [Fact]
    public void Json_is_one_object_a_line()
    {
        var line = Format(nameof(LogFormat.Json), "GET /\"\u001b\n HTTP/1.1", referer: "http://x/", user: "\u00fc");
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal(Time, json.GetProperty("time").GetDateTime().ToUniversalTime());
        Assert.Equal("192.0.2.7", json.GetProperty("client").GetString());
        Assert.Equal("\u00fc", json.GetProperty("user").GetString());
        Assert.Equal("GET /\"\u001b\n HTTP/1.1", json.GetProperty("request").GetString());
        Assert.Equal(200, json.GetProperty("status").GetInt32());
        Assert.Equal(5, json.GetProperty("bytes").GetInt64());
        Assert.Equal(1.5, json.GetProperty("milliseconds").GetDouble());
        Assert.Equal("http://x/", json.GetProperty("referer").GetString());
        Assert.False(json.TryGetProperty("userAgent", out _));
    }

    [Theory]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\u001b[31m\r\nb", "a\\x1b[31m\\x0d\\x0ab")]
    [InlineData("\u0000\u007f", "\\x00\\x7f")]
    [InlineData("\u00ff", "\\xff")]
    public void No_field_can_end_early_or_steer_a_terminal(string text, string expected)
    {
        foreach (var format in new[] { nameof(LogFormat.Python), nameof(LogFormat.Common), nameof(LogFormat.Combined) })
        {
            var line = Format(format, text, referer: text, user: text, client: text.Replace("\"", "", StringComparison.Ordinal));
            Assert.Contains($"] \"{expected}\" 200", line);
            Assert.DoesNotMatch("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f]", line);
            Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
            if (format == nameof(LogFormat.Combined))
                Assert.EndsWith($" 5 \"{expected}\" \"-\"\n", line);
        }
    }

    [Fact]
    public void An_address_that_a_handler_takes_from_a_header_is_escaped()
    {
        Assert.DoesNotContain('\u009b', Format(nameof(LogFormat.Python), "GET / HTTP/1.1", client: "\u009b31m"));
        Assert.DoesNotContain('\u009b', Message(LogLevel.Information, "x", client: "\u009b31m"));
    }

    [Theory]
    [InlineData("GET /?q=\" 200 - HTTP/1.1", "\"GET /?q=\\\" 200 - HTTP/1.1\" 200")]
    [InlineData("GET /?f={\"a\":<1>}\u00c3\u00a9 HTTP/1.1", "\"GET /?f={\\\"a\\\":<1>}\u00e9 HTTP/1.1\" 200")]
    [InlineData("GET /?\u00c2\u009b\u00ff\\ HTTP/1.1", "\"GET /?\\x9b\\xff\\\\ HTTP/1.1\" 200")]
    public void What_a_query_has_raw_cannot_end_its_quotes_or_steer_a_terminal(string requestLine, string expected)
    {
        foreach (var format in new[] { LogFormat.Python, LogFormat.Common, LogFormat.Combined })
            Assert.Contains(expected, Format(format.ToString(), requestLine));
    }

    [Theory]
    [InlineData(200, "32")]
    [InlineData(304, "36")]
    [InlineData(404, "33")]
    [InlineData(500, "31")]
    public void Colour_marks_the_status_alone(int status, string color)
    {
        var formatter = new LogLineFormatter(LogFormat.Python, color: true);
        var line = Encoding.UTF8.GetString(formatter.Format(new RequestRecord { Time = Time, Client = "c", Status = status }));
        Assert.EndsWith($"\"\" \u001b[{color}m{status}\u001b[0m -\n", line);
        Assert.Single(line.Split("\u001b[0m")[1..]);
    }

    [Theory]
    [InlineData(nameof(LogLevel.Information), "] text")]
    [InlineData(nameof(LogLevel.Warning), "] warning: text")]
    [InlineData(nameof(LogLevel.Error), "] error: text")]
    public void A_message_tells_how_grave_it_is(string level, string end)
    {
        var line = Message(Enum.Parse<LogLevel>(level), "text");
        Assert.StartsWith("- - - [", line);
        Assert.EndsWith(end + "\n", line);
    }

    [Theory]
    [InlineData("a\nb\r\nc", "a\n    b\n    c\n")]
    [InlineData("a\u001bb\n\u009bc", "a\\x1bb\n    \\x9bc\n")]
    [InlineData("a\rb\u0085c\u2028d\fe", "a\\x0db\\x85c\\u2028d\\x0ce\n")]
    public void An_error_keeps_its_lines_indented_and_everything_else_is_escaped(string text, string end) =>
        Assert.EndsWith("error: " + end, Message(LogLevel.Error, text));

    [Fact]
    public void A_message_that_is_no_error_is_one_line_whatever_a_client_put_into_it() =>
        Assert.EndsWith("] a\\x0a127.0.0.1 - - forged\n", Message(LogLevel.Information, "a\n127.0.0.1 - - forged"));

    [Fact]
    public void A_message_in_json_is_one_line()
    {
        var line = Encoding.UTF8.GetString(new LogLineFormatter(LogFormat.Json, color: false).Format(LogLevel.Error, "c", "a\nb\u001b"));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("Error", json.GetProperty("level").GetString());
        Assert.Equal("a\nb\u001b", json.GetProperty("message").GetString());
        Assert.DoesNotContain('\u001b', line);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    private static string Message(LogLevel level, string text, string? client = null) =>
        Encoding.UTF8.GetString(new LogLineFormatter(LogFormat.Python, color: false).Format(level, client, text));

    private static string Format(string format, string requestLine, string referer = "", string? user = null, string client = "192.0.2.7") =>
        Encoding.UTF8.GetString(new LogLineFormatter(Enum.Parse<LogFormat>(format), color: false).Format(new RequestRecord
        {
            Time = Time,
            Elapsed = TimeSpan.FromMilliseconds(1.5),
            Client = client,
            User = user,
            RequestLine = Encoding.Latin1.GetBytes(requestLine),
            Status = 200,
            BodyBytes = 5,
            Referer = Encoding.Latin1.GetBytes(referer),
        }));
}
