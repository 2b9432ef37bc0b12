using System.Net;
using System.Text;
using Http.Server.Archives;
using Http.Server.Cgi;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.Listings;
using Http.Server.Logging;
using Http.Server.Pages;
using Http.Server.Protocol;
using Http.Server.Proxies;

namespace Http.Server.Tests;

/// <summary>
/// What a client can repeat or nest is read with memory that doubles with it: a text joined anew for each repetition, or a rest copied for each,
/// would take four times as much. Readers of which only the last table speaks make nothing at all of what they read.
/// </summary>
public sealed class GrowthTests
{
    private static readonly HeadLimits Unlimited = new(int.MaxValue / 2, int.MaxValue / 4, int.MaxValue);

    private static readonly UrlPath Root = ReadPath("/");

    private static readonly Dictionary<string, Func<int, Action>> Readers = new()
    {
        ["head: a header that is repeated"] = static count => Head(Repeat("X-A: value\r\n", count)),
        ["head: options of the connection"] = static count => Head("Connection: " + Repeat("a,", count) + "\r\n"),
        ["head: forwarded by quoted names"] = static count => Forwarded("Forwarded: " + Repeat("for=\"[::1]\";by=\"_a\\b\",", count) + "for=_a\r\n"),
        ["head: forwarded in many lines"] = static count => Forwarded(Repeat("Forwarded: for=10.0.0.1\r\n", count)),
        ["head: forwarded by parameters"] = static count => Forwarded("Forwarded: " + string.Join(';', Enumerable.Range(0, count).Select(static number => $"a{number}=b")) + "\r\n"),
        ["head: forwarded for a chain"] = static count => Forwarded("X-Forwarded-For: " + Repeat("10.0.0.1,", count) + "\r\n"),
        ["head: Accept in many lines"] = static count => Field("Accept: text/html\r\n", count, static (head, bytes) => _ = RepeatedField.Read(head, bytes, "accept"u8).Length),
        ["head: If-Match in many lines"] = static count => Field("If-Match: \"a\"\r\n", count, static (head, bytes) => _ = ConditionalHeaders.Read(head, bytes, out _).HasIfMatch),
        ["head: If-None-Match in many lines"] = static count => Field("If-None-Match: \"a\"\r\n", count, static (head, bytes) => _ = ConditionalHeaders.Read(head, bytes, out _).HasIfMatch),
        ["head: Range in many lines"] = static count => Field("Range: bytes=0-0\r\n", count, static (head, bytes) => _ = ConditionalHeaders.Read(head, bytes, out _).HasIfMatch),
        ["head: a long password"] = static count => Bytes("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("a:" + Repeat("bcd", count))), static bytes => BasicCredentials.TryParse(bytes)),
        ["path: segments"] = static count => Target(Repeat("/a", count)),
        ["path: slashes"] = static count => Target(Repeat("/", count)),
        ["path: parents"] = static count => Target(Repeat("/a", count) + Repeat("/..", count)),
        ["path: up and down"] = static count => Target(Repeat("/a/..", count)),
        ["path: escapes"] = static count => Target("/" + Repeat("%41", count)),
        ["path: encoded slashes"] = static count => Target("/a" + Repeat("%2Fa", count)),
        ["path: bytes that are no UTF-8"] = static count => Target("/" + Repeat("%FF", count)),
        ["path: a query"] = static count => Target("/?" + Repeat("a=b&", count)),
        ["listing: orders"] = static count => Text(Repeat("sort=size&", count), static text => ListingQuery.Parse(text)),
        ["listing: names as a page"] = static count => Listed(count, static names => ListingPage.Render(Root, names, ListingQuery.Parse(""), default)),
        ["listing: names as JSON"] = static count => Listed(count, static names => ListingJson.Render(names)),
        ["listing: names as text"] = static count => Listed(count, static names => ListingText.Render(names)),
        ["listing: parameters of others"] = static count => Text(Repeat("a=b&", count), static text => ListingQuery.Parse(text)),
        ["escaping: a log"] = static count => Text(Repeat("\n\\a", count), static text => LogText.Escape(text)),
        ["escaping: HTML"] = static count => Text(Repeat("<a\u0001", count), static text => HtmlText.Encode(text)),
        ["escaping: a path"] = static count => Text(Repeat(" \u00e4", count), static text => PercentEncoding.EncodeSegment(text)),
        ["escaping: a query"] = static count => Text(Repeat("<\u00e4", count), static text => PercentEncoding.EncodeQuery(text)),
        ["escaping: bytes that are no UTF-8"] = static count => Text(Repeat("\u00ff", count), static text => RawText.OfLatin1(text)),
        ["parts: many"] = static count => Multipart(Repeat("--x\r\nA: b\r\n\r\nv\r\n", count)),
        ["parts: what looks like a boundary"] = static count => Multipart("--x\r\n\r\n" + Repeat("\r\n--xy", count) + "\r\n"),
        ["parts: before the first"] = static count => Multipart(Repeat("\r\n--", count) + "\r\n--x\r\n\r\n\r\n"),
        ["parts: parameters"] = static count => Text("form-data" + Repeat("; a=b", count), static text => ContentDisposition.Parse(text)),
        ["parts: escapes of a name"] = static count => Text("form-data; name=\"" + Repeat("\\\"", count) + "\"", static text => ContentDisposition.Parse(text)),
        ["parts: a name in escapes"] = static count => Text("UTF-8''" + Repeat("%41", count), static text => ExtendedValue.Decode(text)),
        ["parts: a name in Base64"] = static count => Text($"=?utf-8?B?{Convert.ToBase64String(Encoding.ASCII.GetBytes(Repeat("abc", count)))}?=", static text => EncodedWord.Decode(text)),
        ["parts: parameters of the type"] = static count => Text("multipart/form-data" + Repeat("; a=b", count) + "; boundary=x", static text => MultipartReader.BoundaryOf(text)),
        ["programs: a header that is repeated"] = static count => Environment(count, static _ => "X-A"),
        ["programs: cookies"] = static count => Environment(count, static _ => "Cookie"),
        ["programs: headers of many names"] = static count => Environment(count, static number => $"X-{number}"),
        ["programs: an answer's headers"] = static count => Bytes("Status: 200\n" + Repeat("X-A: b\n", count) + "\n", static bytes => CgiHead.Parse(bytes, out _)),
        ["archives: names that become alike"] = static count => Archive(count),
    };

    private static readonly Dictionary<string, Func<int, Action>> Silent = new()
    {
        ["If-None-Match"] = static count => Bytes(Repeat("\"a\", ", count), static bytes => EntityTags.Matches(bytes, "\"b\""u8, weak: true)),
        ["Accept-Encoding"] = static count => Bytes(Repeat("gzip;q=0.5, ", count), static bytes => default(AcceptedCodings).Add(bytes)),
        ["Accept"] = static count => Bytes(Repeat("text/html;q=0.5, ", count), static bytes => AcceptHeader.Choose(bytes, ["text/html", "application/json"])),
        ["chunk extensions"] = static count => Bytes("0" + Repeat(";a=\"b\"", count), static bytes => ChunkParser.ParseSize(bytes, out _)),
        ["a trailer"] = static count => Bytes("a:" + Repeat(" b", count), static bytes => ChunkParser.IsTrailer(bytes)),
    };

    public static TheoryData<string> Names => [.. Readers.Keys];

    public static TheoryData<string> SilentNames => [.. Silent.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Twice_as_much_takes_twice_the_memory(string name)
    {
        var read = Readers[name];
        // What is made once is made before it is measured.
        read(4)();
        var (once, twice) = (Measure(read(2_000)), Measure(read(4_000)));
        Assert.True(twice <= (once * 2.5) + 4096, $"{name}: {once} bytes for 2,000, {twice} bytes for 4,000.");
    }

    [Theory]
    [MemberData(nameof(SilentNames))]
    public void A_list_takes_no_memory_however_long(string name)
    {
        Silent[name](4)();
        Assert.Equal(0, Measure(Silent[name](2_000)));
    }

    /// <summary>Of more ranges than anybody needs nothing is kept.</summary>
    [Fact]
    public void Ranges_are_no_more_than_sixteen_whatever_is_asked_for()
    {
        var ranges = new List<ByteRange>();
        Assert.Equal(RangeOutcome.Ignored, RangeHeader.Parse(Encoding.ASCII.GetBytes("bytes=" + Repeat("0-0,", 2_000)), 100_000, ranges));
        Assert.True(ranges.Capacity <= RangeHeader.MaxRanges);
    }

    private static UrlPath ReadPath(string path)
    {
        Assert.Equal(UrlPathFault.None, UrlPath.TryParse(Encoding.ASCII.GetBytes(path), windowsRules: false, out var read));
        return read!;
    }

    private static long Measure(Action read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        read();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static Action Text(string text, Action<string> read) => () => read(text);

    private static Action Bytes(string text, Action<byte[]> read)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        return () => read(bytes);
    }

    private static Action Head(string fields) => Bytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n", static bytes => ReadHead(bytes));

    private static Action Forwarded(string fields)
    {
        var bytes = Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        var head = ReadHead(bytes);
        return () => Assert.NotNull(ForwardedRequest.Read(head, bytes, static _ => true));
    }

    private delegate void FieldReader(RequestHead head, ReadOnlySpan<byte> bytes);

    private static Action Field(string line, int count, FieldReader read)
    {
        var bytes = Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{Repeat(line, count)}\r\n");
        var head = ReadHead(bytes);
        return () => read(head, bytes);
    }

    private static Action Listed(int count, Action<IReadOnlyList<DirectoryEntry>> read)
    {
        var names = Enumerable.Range(0, count).Select(static number => new DirectoryEntry($"a<{number}", EntryKind.File, IsLink: false, 0, default)).ToList();
        return () => read(names);
    }

    private static RequestHead ReadHead(byte[] bytes)
    {
        var head = new RequestHead();
        head.Reset();
        Assert.Equal(HeadStatus.Complete, RequestHeadParser.Parse(bytes, Unlimited, head));
        return head;
    }

    private static Action Target(string target) =>
        Bytes(target, static bytes => Assert.Equal(UrlPathFault.None, UrlPath.TryParse(bytes, windowsRules: false, out _)));

    private static Action Multipart(string parts) => Bytes(parts + "--x--\r\n", static bytes =>
    {
        var reader = new MultipartReader(new MemoryStream(bytes), "x");
        var buffer = new byte[8192];
        while (reader.ReadPartAsync().AsTask().GetAwaiter().GetResult() is { } part)
        {
            while (part.Body.Read(buffer) > 0)
                ;
        }
    });

    private static Action Environment(int count, Func<int, string> nameOf)
    {
        var headers = new HttpHeaders();
        for (var number = 0; number < count; number++)
            headers.Add(nameOf(number), "value");
        var request = new CgiRequest
        {
            Method = "GET",
            Target = "/",
            Query = "",
            Version = "HTTP/1.1",
            Headers = headers,
            Client = new IPEndPoint(IPAddress.Loopback, 1),
            ClientAddress = "127.0.0.1",
            ServerName = "a",
            ServerPort = 80,
            Software = "test",
        };
        return () => CgiEnvironment.Make(request, new CgiScript("/a", "/a", ""), "/", null, []);
    }

    /// <summary>Each of twelve backslashes may also be written as it will be escaped: all names mean the same to an archive.</summary>
    private static Action Archive(int count)
    {
        var entries = Enumerable.Range(0, count)
            .Select(static number => string.Concat(Enumerable.Range(0, 12).Select(bit => (number >> bit & 1) == 0 ? "\\" : "%5C")))
            .Select(static name => new DirectoryEntry(name, EntryKind.File, IsLink: false, 0, default)).ToList();
        return () =>
        {
            var level = new ArchiveLevel("/", "/", "", isBehindLink: false, entries);
            while (level.TryTake(out _, out _))
                ;
        };
    }
}
