using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Http.Server.Logging;

/// <summary>Makes the lines of a text log. The result stays valid until the same thread's next call.</summary>
internal sealed class LogLineFormatter(LogFormat format, bool color, bool priorities = false)
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? Scratch;

    private TimeEntry _time = new(-1, []);

    public ReadOnlySpan<byte> Format(in RequestRecord record)
    {
        var line = Begin();
        AddPriority(line, LogLevel.Information);
        if (format == LogFormat.Json)
            FormatJson(line, record);
        else
            FormatText(line, record);
        Add(line, "\n"u8);
        return line.WrittenSpan;
    }

    public ReadOnlySpan<byte> Format(LogLevel level, string? client, string message)
    {
        var line = Begin();
        AddPriority(line, level);
        if (format == LogFormat.Json)
        {
            FormatJson(line, level, client, message);
        }
        else
        {
            AddClient(line, client ?? "-");
            Add(line, " - - ["u8);
            Add(line, Time(DateTime.UtcNow));
            Add(line, "] "u8);
            if (level >= LogLevel.Warning)
                Add(line, level == LogLevel.Warning ? "warning: "u8 : "error: "u8);
            // The lines of an error, an exception's with its stack, stay lines, indented so that none passes for an entry of its
            // own. Nothing else has a reason to hold a line end but a client's wish to forge one.
            var lines = level == LogLevel.Error ? message.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n') : [message];
            for (var at = 0; at < lines.Length; at++)
            {
                if (at > 0)
                {
                    Add(line, "\n"u8);
                    AddPriority(line, level);
                    Add(line, "    "u8);
                }

                AddEscaped(line, Encoding.UTF8.GetBytes(lines[at]), quotes: false);
            }
        }

        Add(line, "\n"u8);
        return line.WrittenSpan;
    }

    private static ArrayBufferWriter<byte> Begin()
    {
        var line = Scratch ??= new ArrayBufferWriter<byte>(512);
        line.ResetWrittenCount();
        return line;
    }

    /// <summary>The numbers are those of syslog (RFC 5424, section 6.2.1).</summary>
    private void AddPriority(ArrayBufferWriter<byte> line, LogLevel level)
    {
        if (priorities)
            Add(line, level switch
            {
                LogLevel.Error => "<3>"u8,
                LogLevel.Warning => "<4>"u8,
                LogLevel.Information => "<6>"u8,
                _ => "<7>"u8,
            });
    }

    private void FormatText(ArrayBufferWriter<byte> line, in RequestRecord record)
    {
        AddClient(line, record.Client);
        Add(line, " - "u8);
        if (record.User is { } user)
            AddEscaped(line, Encoding.UTF8.GetBytes(user), quotes: true);
        else
            Add(line, "-"u8);
        Add(line, " ["u8);
        Add(line, Time(record.Time));
        Add(line, "] \""u8);
        AddEscaped(line, record.RequestLine, quotes: true);
        Add(line, "\" "u8);
        AddStatus(line, record.Status);
        Add(line, " "u8);
        if (format == LogFormat.Python)
        {
            Add(line, "-"u8);
            return;
        }

        AddNumber(line, record.BodyBytes);
        if (format == LogFormat.Combined)
        {
            AddQuoted(line, record.Referer);
            AddQuoted(line, record.UserAgent);
        }
    }

    private void AddStatus(ArrayBufferWriter<byte> line, int status)
    {
        var paint = color && format == LogFormat.Python;
        if (paint)
        {
            Add(line, status switch
            {
                >= 500 => "\x1b[31m"u8,
                >= 400 => "\x1b[33m"u8,
                >= 300 => "\x1b[36m"u8,
                _ => "\x1b[32m"u8,
            });
        }

        AddNumber(line, status);
        if (paint)
            Add(line, "\x1b[0m"u8);
    }

    private static void AddQuoted(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> text)
    {
        Add(line, " \""u8);
        if (text.IsEmpty)
            Add(line, "-"u8);
        AddEscaped(line, text, quotes: true);
        Add(line, "\""u8);
    }

    private static void FormatJson(ArrayBufferWriter<byte> line, in RequestRecord record)
    {
        using var json = new Utf8JsonWriter(line);
        json.WriteStartObject();
        json.WriteString("time"u8, record.Time);
        json.WriteString("client"u8, record.Client);
        if (record.User is not null)
            json.WriteString("user"u8, record.User);
        json.WriteString("scheme"u8, record.IsSecure ? "https"u8 : "http"u8);
        if (!record.Host.IsEmpty)
            json.WriteString("host"u8, Encoding.UTF8.GetString(record.Host));
        json.WriteString("request"u8, Encoding.UTF8.GetString(record.RequestLine));
        json.WriteNumber("status"u8, record.Status);
        json.WriteNumber("bytes"u8, record.BodyBytes);
        json.WriteNumber("milliseconds"u8, Math.Round(record.Elapsed.TotalMilliseconds, 3));
        if (!record.Referer.IsEmpty)
            json.WriteString("referer"u8, Encoding.UTF8.GetString(record.Referer));
        if (!record.UserAgent.IsEmpty)
            json.WriteString("userAgent"u8, Encoding.UTF8.GetString(record.UserAgent));
        json.WriteEndObject();
    }

    private static void FormatJson(ArrayBufferWriter<byte> line, LogLevel level, string? client, string message)
    {
        using var json = new Utf8JsonWriter(line);
        json.WriteStartObject();
        json.WriteString("time"u8, DateTime.UtcNow);
        json.WriteString("level"u8, level.ToString());
        if (client is not null)
            json.WriteString("client"u8, client);
        json.WriteString("message"u8, message);
        json.WriteEndObject();
    }

    /// <summary>The time between the brackets, made once a second.</summary>
    private byte[] Time(DateTime utc)
    {
        var second = utc.Ticks / TimeSpan.TicksPerSecond;
        var time = _time;
        if (time.Second != second)
        {
            var local = new DateTimeOffset(utc).ToLocalTime();
            var text = local.ToString("dd/MMM/yyyy", CultureInfo.InvariantCulture)
                + (format == LogFormat.Python ? " " : ":") + local.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
            if (format != LogFormat.Python)
                text += local.ToString(" zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
            _time = time = new TimeEntry(second, Encoding.ASCII.GetBytes(text));
        }

        return time.Text;
    }

    private static void Add(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> bytes) => line.Write(bytes);

    /// <summary>The client's address: nothing to escape, unless a handler has taken it from a header.</summary>
    private static void AddClient(ArrayBufferWriter<byte> line, string text)
    {
        text = LogText.Escape(text);
        line.Advance(Encoding.UTF8.GetBytes(text, line.GetSpan(text.Length * 3)));
    }

    private static void AddNumber(ArrayBufferWriter<byte> line, long number)
    {
        Utf8Formatter.TryFormat(number, line.GetSpan(20), out var count);
        line.Advance(count);
    }

    /// <summary>Escaped text; between quotes, a quote is escaped too, so that no field can end early.</summary>
    private static void AddEscaped(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> text, bool quotes)
    {
        while (true)
        {
            var quote = quotes ? text.IndexOf((byte)'"') : -1;
            var part = quote < 0 ? text : text[..quote];
            line.Advance(LogText.Escape(part, line.GetSpan(Math.Max(part.Length * LogText.MaxExpansion, 1))));
            if (quote < 0)
                return;
            Add(line, "\\\""u8);
            text = text[(quote + 1)..];
        }
    }

    private sealed record TimeEntry(long Second, byte[] Text);
}
