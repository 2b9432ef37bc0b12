using System.Text;
using Http.Server.Logging;
using Http.Server.Protocol;

namespace Http.Server.Tests;

/// <summary>
/// The two functions that every hostile byte meets first, under random and mutated input: never an exception, and what they accept
/// keeps its promises. The seeds are fixed and the counts bounded, so that a failure can be repeated; it names its input.
/// </summary>
public sealed class FuzzTests
{
    private const int HeadCount = 100_000;
    private const int PathCount = 100_000;
    private static readonly HeadLimits Limits = new(8 * 1024, 32 * 1024, 100);

    private static readonly string[] GoodHeads =
    [
        "GET / HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /a/b%20c?d=e&f HTTP/1.1\r\nHost: test:8000\r\nConnection: keep-alive, x\r\nAccept: */*\r\n\r\n",
        "POST /upload HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET http://test/a HTTP/1.1\r\nHost: TEST\r\n\r\n",
        "HEAD / HTTP/1.0\r\nX: \t a \r\nY:\r\n\r\n",
        "\r\nSPAM /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n",
        "CONNECT test:443 HTTP/1.1\r\nHost: test:443\r\n\r\n",
    ];

    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "\"", "%", "%00", "%2f", "%2e%2e", "..", "/", "//", "\\", "?", "#", "*", "@", "[", "]",
        "HTTP/1.1", "HTTP/1.0", "http://", "Host: test\r\n", "Content-Length: 5\r\n", "Content-Length: 9223372036854775807\r\n",
        "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Expect: x\r\n", " x: y\r\n", "\u0080", "\u00ff", "\u00c3\u00a9", "\u007f",
    ];

    private static readonly string[] GoodPaths =
    [
        "/", "/index.html", "/a/b/c.txt?x=y", "/a%20b/%C3%A9", "/../x", "/a/../b/./c/", "/%2e%2e/%2e%2e/etc/passwd", "/a//b", "//host/x", "/a%2fb",
        "/a%00b", "/C:/x", "/con.txt", "/a\\b", "/a%5Cb", "/a.", "/a%20", "/\u00ff", "/%ff%fe", "/.hidden", "/a:b", "/?", "/%",
    ];

    [Fact]
    public void A_head_never_throws_and_an_accepted_one_follows_the_grammar()
    {
        var random = new Random(1);
        var head = new RequestHead();
        var accepted = 0;
        for (var n = 0; n < HeadCount; n++)
        {
            var bytes = Make(random, GoodHeads);
            head.Reset();
            var status = Run(bytes, () => RequestHeadParser.Parse(bytes, Limits, head));
            Run(bytes, () => CheckHead(bytes, head, status));
            if (status == HeadStatus.Complete)
                accepted++;
            if (n % 10 == 0)
                Run(bytes, () => CheckInPieces(bytes, head, status, random));
        }

        // Otherwise the fuzz would try the refusals alone.
        Assert.InRange(accepted, HeadCount / 50, HeadCount);
    }

    [Fact]
    public void A_path_never_throws_and_an_accepted_one_stays_below_the_root()
    {
        var random = new Random(2);
        var accepted = 0;
        for (var n = 0; n < PathCount; n++)
        {
            var bytes = Make(random, GoodPaths);
            var windows = n % 2 == 0;
            Run(bytes, () =>
            {
                var fault = UrlPath.TryParse(bytes, windows, out var path);
                Assert.Equal(fault == UrlPathFault.None, path is not null);
                if (path is null)
                    return;
                accepted++;
                CheckPath(path, windows);
            });
        }

        Assert.InRange(accepted, PathCount / 50, PathCount);
    }

    private static void CheckHead(byte[] bytes, RequestHead head, HeadStatus status)
    {
        Assert.Equal(status == HeadStatus.Refused, head.Fault is not null);
        Assert.InRange(head.Position, 0, bytes.Length);
        if (head.Fault is { } fault)
            Assert.InRange(fault.Status, 400, 505);
        if (status != HeadStatus.Complete)
            return;
        var text = Encoding.Latin1.GetString(bytes, 0, head.Position);
        Assert.EndsWith("\r\n\r\n", text);
        text = text.StartsWith("\r\n", StringComparison.Ordinal) ? text[2..] : text;
        var lines = text[..^4].Split("\r\n");
        Assert.All(lines, line => Assert.DoesNotMatch("[\\x00-\\x08\\x0a-\\x1f\\x7f]", line));
        Assert.Equal(lines[0], Text(head.RequestLine));
        Assert.Matches("^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!\"$->@-~]+([?][!\"$-~\x80-\xff]*)? HTTP/1\\.[0-9]$", lines[0]);
        Assert.Equal(lines.Length - 1, head.HeaderCount);
        for (var at = 1; at < lines.Length; at++)
        {
            var header = head.Headers[at - 1];
            var colon = lines[at].IndexOf(':', StringComparison.Ordinal);
            Assert.Equal(lines[at][..colon], Text(header.Name));
            Assert.Equal(lines[at][(colon + 1)..].Trim(' ', '\t'), Text(header.Value));
            Assert.Matches("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", lines[at][..colon]);
        }

        var names = head.Headers.ToArray().Select(header => Text(header.Name).ToUpperInvariant()).ToList();
        Assert.InRange(names.Count(name => name == "HOST"), head.MinorVersion, 1);
        Assert.InRange(names.Count(name => name is "CONTENT-LENGTH" or "TRANSFER-ENCODING"), 0, 1);
        Assert.Equal(names.Contains("CONTENT-LENGTH"), head.ContentLength >= 0);
        Assert.Equal(names.Contains("TRANSFER-ENCODING"), head.IsChunked);
        Assert.False(head.IsChunked && head.MinorVersion == 0);
        Assert.Equal(Text(head.Target) == "*", head.Form == TargetForm.Asterisk);
        Assert.True(head.Form != TargetForm.Origin || Text(head.PathAndQuery)[0] == '/');

        string Text(Slice slice) => Encoding.Latin1.GetString(slice.Of(bytes));
    }

    /// <summary>Where the network cuts a head makes no difference, but that a fault may be seen sooner.</summary>
    private static void CheckInPieces(byte[] bytes, RequestHead whole, HeadStatus expected, Random random)
    {
        var head = new RequestHead();
        head.Reset();
        var status = HeadStatus.Incomplete;
        for (var count = 0; status == HeadStatus.Incomplete && count < bytes.Length;)
        {
            count = Math.Min(bytes.Length, count + random.Next(1, 20));
            status = RequestHeadParser.Parse(bytes.AsSpan(0, count), Limits, head);
        }

        Assert.Equal(expected, status);
        if (expected == HeadStatus.Complete)
            Assert.Equal(whole.Position, head.Position);
    }

    private static void CheckPath(UrlPath path, bool windows)
    {
        Assert.All(path.RouteSegments, segment => Assert.DoesNotContain(segment.Split('/'), part => part is "." or ".."));
        Assert.DoesNotContain(path.Segments, name => name is "." or "..");
        if (path.FileFault != UrlPathFault.None)
            return;
        Assert.All(path.Segments, segment =>
        {
            Assert.NotEqual("", segment);
            Assert.NotEqual(".", segment);
            Assert.NotEqual("..", segment);
            Assert.DoesNotContain('/', segment);
            Assert.DoesNotContain('\0', segment);
            if (windows)
                Assert.DoesNotMatch("[\\\\:]|[. ]$", segment);
        });
        Assert.StartsWith("/", path.Encoded);
        Assert.False(path.Encoded.StartsWith("//", StringComparison.Ordinal));
        Assert.DoesNotMatch("[^!-~]|\\\\", path.Encoded);

        // The encoded form is canonical: it means the same, and is its own encoded form.
        Assert.Equal(UrlPathFault.None, UrlPath.TryParse(Encoding.ASCII.GetBytes(path.Encoded), windows, out var again));
        Assert.Equal(path.Segments, again!.Segments);
        Assert.Equal(path.HasTrailingSlash, again.HasTrailingSlash);
        Assert.Equal(path.Encoded, again.Encoded);
    }

    /// <summary>Random bytes, random pieces, or a good input with some of it changed.</summary>
    private static byte[] Make(Random random, string[] good)
    {
        if (random.Next(10) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        if (random.Next(10) == 0)
            return Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => Pick(random, Pieces))));
        var text = new StringBuilder(Pick(random, good));
        for (var change = random.Next(5); change > 0; change--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(4), text.Length - at);
            switch (random.Next(6))
            {
                case 0: text.Remove(at, length); break;
                case 1: text.Insert(at, Pick(random, Pieces)); break;
                case 2: text.Insert(at, (char)random.Next(256)); break;
                case 3: text.Insert(at, text.ToString(at, length)); break;
                case 4: text.Remove(at, length).Insert(at, Pick(random, Pieces)); break;
                default: text.Insert(at, Pick(random, good)); break;
            }
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static void Run(byte[] input, Action action) => Run(input, () =>
    {
        action();
        return 0;
    });

    private static T Run<T>(byte[] input, Func<T> function)
    {
        try
        {
            return function();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"The input was {Convert.ToHexString(input)}: {LogText.Escape(Encoding.Latin1.GetString(input))}", exception);
        }
    }
}
