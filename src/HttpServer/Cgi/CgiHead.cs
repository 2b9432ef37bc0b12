using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Cgi;

/// <summary>The header block that a CGI program prints (RFC 3875, section 6); lines end in LF or CRLF.</summary>
internal sealed class CgiHead
{
    private static readonly string[] ForTheServer =
        ["Connection", "Date", "Keep-Alive", "Proxy-Connection", "Server", "TE", "Trailer", "Transfer-Encoding", "Upgrade"];

    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <summary>The status that the program wants; 0 if it says none.</summary>
    public int Status { get; private set; }

    /// <summary>The reason phrase that goes with it; null if it says none.</summary>
    public string? Reason { get; private set; }

    /// <summary>The value of Location; null if there is none.</summary>
    public string? Location { get; private set; }

    /// <summary>The file that the program wants sent in its place; null if it says nothing.</summary>
    public string? SendFile { get; private set; }

    /// <summary>The headers for the client, in order. Those that are the server's to say are left out.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>The program wants the server to answer with another of its own resources (RFC 3875, section 6.2.2).</summary>
    public bool IsLocalRedirect =>
        Status == 0 && _headers.Count == 0 && Location is ['/', ..] && !Location.StartsWith("//", StringComparison.Ordinal);

    /// <summary>Finds the end of the block.</summary>
    /// <returns>The number of bytes up to and with the empty line; -1 if it has not come yet.</returns>
    public static int FindEnd(ReadOnlySpan<byte> bytes)
    {
        for (var start = 0; ;)
        {
            var length = bytes[start..].IndexOf((byte)'\n');
            if (length < 0)
                return -1;
            if (length == 0 || (length == 1 && bytes[start] == '\r'))
                return start + length + 1;
            start += length + 1;
        }
    }

    /// <summary>
    /// The status in the status line of a program that prints the whole answer by itself; 0 if its answer does not begin
    /// with one.
    /// </summary>
    public static int StatusOf(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < 12 || !answer.StartsWith("HTTP/1."u8) || answer[8] != ' ')
            return 0;
        return answer[9..12].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? 0
            : ((answer[9] - '0') * 100) + ((answer[10] - '0') * 10) + answer[11] - '0';
    }

    /// <summary>Reads the block.</summary>
    /// <param name="bytes">The block up to and with its empty line.</param>
    /// <param name="problem">What is wrong, for the log; null if nothing is.</param>
    /// <returns>Null if the block is no valid header.</returns>
    public static CgiHead? Parse(ReadOnlySpan<byte> bytes, out string? problem)
    {
        var head = new CgiHead();
        var hasType = false;
        problem = null;
        while (true)
        {
            var length = bytes.IndexOf((byte)'\n');
            var line = bytes[..length];
            if (line.EndsWith("\r"u8))
                line = line[..^1];
            if (line.IsEmpty)
                break;
            bytes = bytes[(length + 1)..];

            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || !HttpGrammar.IsToken(line[..colon]) || !HttpGrammar.IsFieldValue(line[(colon + 1)..]))
            {
                problem = $"this is no header line: {Encoding.Latin1.GetString(line)}";
                return null;
            }

            var name = Encoding.ASCII.GetString(line[..colon]);
            var value = Encoding.Latin1.GetString(HttpGrammar.TrimOws(line[(colon + 1)..]));
            hasType |= name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);
            if (!head.Take(name, value))
            {
                problem = $"this is no valid {name}: {value}";
                return null;
            }
        }

        if (hasType || head.Status != 0 || head.Location is not null)
            return head;
        problem = "there is neither Content-Type nor Location nor Status in its header";
        return null;
    }

    private bool Take(string name, string value)
    {
        if (name.Equals("Status", StringComparison.OrdinalIgnoreCase))
        {
            if (value.Length < 3 || !int.TryParse(value.AsSpan(0, 3), System.Globalization.NumberStyles.None, null,
                out var status)
                || status is < 200 or > 599 || (value.Length > 3 && value[3] != ' '))
                return false;
            Status = status;
            Reason = value.Length > 4 ? value[4..] : null;
            return true;
        }

        if (name.Equals("Location", StringComparison.OrdinalIgnoreCase))
        {
            if (value.Length == 0 || Location is not null)
                return false;
            Location = value;
            return true;
        }

        if (name.Equals("X-Sendfile", StringComparison.OrdinalIgnoreCase))
        {
            SendFile = value;
            return true;
        }

        if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
            && (value.Length is 0 or > 18 || value.Any(c => !char.IsAsciiDigit(c))
                || _headers.Any(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))))
            return false;
        if (!ForTheServer.Contains(name, StringComparer.OrdinalIgnoreCase))
            _headers.Add(KeyValuePair.Create(name, value));
        return true;
    }
}
