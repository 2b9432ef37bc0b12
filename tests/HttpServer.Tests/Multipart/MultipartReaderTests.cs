using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Multipart;

/// <summary>Multipart bodies as streams: what is a part, what is content, and what is refused.</summary>
public sealed class MultipartReaderTests
{
    private const string Form =
        "--b\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n"
        + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\a.txt\"\r\nContent-Type: text/plain\r\nX-Own: 1\r\n\r\nline\r\n\r\n\r\n"
        + "--b--\r\n";

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_form_is_read_part_by_part()
    {
        Assert.Equal(
            [
                new("field", null, null, "Content-Disposition: form-data; name=\"field\"\n", "value"),
                new("file", "a.txt", "text/plain",
                    "Content-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\a.txt\"\nContent-Type: text/plain\nX-Own: 1\n", "line\r\n\r\n"),
            ],
            await ReceivedPart.ReadAllAsync(Form));
    }

    [Theory]
    // The CRLF before a boundary is the boundary's, also the one that ends a head.
    [InlineData("--b\r\n\r\n\r\n--b--", "")]
    [InlineData("--b\r\n\r\n--b--", "")]
    [InlineData("--b\r\nA: b\r\n\r\n--b--", "")]
    [InlineData("--b\r\n\r\n\r\n\r\n--b--", "\r\n")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--", "x|y")]
    [InlineData("--b\r\n\r\n--b\r\n\r\n--b--", "|")]
    // What stands before the first boundary and after the last is skipped.
    [InlineData("preamble\r\n--b\r\n\r\nx\r\n--b--", "x")]
    [InlineData("\r\n--b\r\n\r\nx\r\n--b--", "x")]
    [InlineData("--\r\n--bb\r\n--b\r\n\r\nx\r\n--b--", "x")]
    [InlineData("--b\r\n\r\nx\r\n--b--\r\nepilogue", "x")]
    [InlineData("--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--", "x")]
    // White space behind a boundary is allowed.
    [InlineData("--b \t \r\n\r\nx\r\n--b\t\r\n\r\ny\r\n--b-- \t", "x|y")]
    [InlineData("--b\r\n\r\nx\r\n--b--  \r\n", "x")]
    // Everything else that looks like a boundary is content.
    [InlineData("--b\r\n\r\n--c\r\n--b--", "--c")]
    [InlineData("--b\r\n\r\nx\r\n--bb\r\n--b--", "x\r\n--bb")]
    [InlineData("--b\r\n\r\n--bb\r\n--b--", "--bb")]
    [InlineData("--b\r\n\r\nx\r\n--\r\n--b--", "x\r\n--")]
    [InlineData("--b\r\n\r\nx\r\n--B\r\n--b--", "x\r\n--B")]
    [InlineData("--b\r\n\r\nx\r\n--b x\r\n--b--", "x\r\n--b x")]
    [InlineData("--b\r\n\r\nx\r\n--b-\r\n--b--", "x\r\n--b-")]
    [InlineData("--b\r\n\r\nx\r\n--b--x\r\n--b--", "x\r\n--b--x")]
    [InlineData("--b\r\n\r\nx\r\n--b---\r\n--b--", "x\r\n--b---")]
    [InlineData("--b\r\n\r\nx\r\n--b -- \r\n--b--", "x\r\n--b -- ")]
    [InlineData("--b\r\n\r\nx\r\n--b\n\r\n--b--", "x\r\n--b\n")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\r\n--b--", "x\r\n--b\r")]
    [InlineData("--b\r\n\r\nx\r\n--b\v\r\n--b--", "x\r\n--b\v")]
    [InlineData("--b\r\n\r\nx\n--b\r\n--b--", "x\n--b")]
    [InlineData("--b\r\n\r\nx\r--b\r\n--b--", "x\r--b")]
    [InlineData("--b\r\n\r\nx\n\r--b\r\n--b--", "x\n\r--b")]
    [InlineData("--b\r\n\r\nx--b\r\n--b--", "x--b")]
    [InlineData("--b\r\n\r\nx\r\n --b\r\n--b--", "x\r\n --b")]
    [InlineData("--b\r\n\r\n\r\r\n--b--", "\r")]
    [InlineData("--b\r\n\r\n\r\n\r\n\r\r\n--b--", "\r\n\r\n\r")]
    [InlineData("--b\r\n\r\n\0\u00ff\r\n--b--", "\0\u00ff")]
    public async Task Boundaries_are_told_from_content(string body, string contents)
    {
        Assert.Equal(contents.Split('|'), (await ReceivedPart.ReadAllAsync(body)).Select(part => part.Content));
        var bytes = Encoding.Latin1.GetBytes(body);
        for (var size = 1; size < 8; size++)
            Assert.Equal(contents.Split('|'), (await ReceivedPart.ReadAllAsync(PieceStream.Of(bytes, size), "b")).Select(part => part.Content));
    }

    [Theory]
    [InlineData("--b--")]
    [InlineData("--b--\r\n")]
    [InlineData("preamble\r\n--b--\r\nepilogue")]
    [InlineData("x--b\r\n\r\nx\r\n--b--")]
    public async Task A_form_without_fields_has_no_part(string body) => Assert.Empty(await ReceivedPart.ReadAllAsync(body));

    [Theory]
    [InlineData(1024, "x")]
    [InlineData(1025, "x\r\n--b", true)]
    public async Task White_space_behind_a_boundary_is_limited(int count, string content, bool isContent = false)
    {
        var padding = new string(' ', count);
        var body = $"--b\r\n\r\nx\r\n--b{padding}\r\n\r\ny\r\n--b--";
        var expected = isContent ? [content + padding + "\r\n\r\ny"] : new[] { content, "y" };
        Assert.Equal(expected, (await ReceivedPart.ReadAllAsync(body)).Select(part => part.Content));
        Assert.Equal(expected, (await ReceivedPart.ReadAllAsync(PieceStream.Of(Encoding.ASCII.GetBytes(body), 1), "b")).Select(part => part.Content));
    }

    [Theory]
    [InlineData("", "no line with its boundary")]
    [InlineData("nothing", "no line with its boundary")]
    [InlineData("--c\r\n\r\nx\r\n--c--", "no line with its boundary")]
    [InlineData("--b", "no line with its boundary")]
    [InlineData("--b-", "no line with its boundary")]
    [InlineData("--b\n\nx\n--b--\n", "no line with its boundary")]
    [InlineData("--b\r\n", "ended before its closing boundary")]
    [InlineData("--b\r\nA: b", "ended before its closing boundary")]
    [InlineData("--b\r\nA: b\r\n", "ended before its closing boundary")]
    [InlineData("--b\r\nA: b\r\n\r\n", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx\r\n", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx\r\n--b", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx\r\n--b-", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx\r\n--b--\r", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx\r\n--b--\n", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\n\r\ny", "ended before its closing boundary")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\n", "ended before its closing boundary")]
    [InlineData("--b\r\nA: b\n\nx\r\n--b--", "not end in CRLF")]
    [InlineData("--b\r\n\nx\r\n--b--", "not end in CRLF")]
    [InlineData("--b\r\nA: b\rC: d\r\n\r\nx\r\n--b--", "not end in CRLF")]
    [InlineData("--b\r\nno colon\r\n\r\nx\r\n--b--", "not 'name: value'")]
    [InlineData("--b\r\n: no name\r\n\r\nx\r\n--b--", "not 'name: value'")]
    [InlineData("--b\r\nA : b\r\n\r\nx\r\n--b--", "not 'name: value'")]
    [InlineData("--b\r\nA: b\r\n folded\r\n\r\nx\r\n--b--", "not 'name: value'")]
    [InlineData("--b\r\nA: \0\r\n\r\nx\r\n--b--", "not 'name: value'")]
    [InlineData("--b\r\n--b--\r\n", "not 'name: value'")]
    public async Task A_broken_body_is_the_clients_fault(string body, string reason)
    {
        for (var size = 1; size < body.Length + 2; size++)
        {
            var fault = await Assert.ThrowsAsync<RequestFaultException>(() => ReceivedPart.ReadAllAsync(PieceStream.Of(Encoding.Latin1.GetBytes(body), size), "b"));
            Assert.Equal(400, fault.Status);
            Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(16 * 1024, 0)]
    [InlineData((16 * 1024) + 1, 431)]
    public async Task The_headers_of_a_part_are_limited_to_16_KiB(int length, int status)
    {
        var lines = "First: line\r\n";
        lines += $"X: {new string('x', length - lines.Length - 5)}\r\n";
        Assert.Equal(length, lines.Length);
        var bytes = Encoding.ASCII.GetBytes($"--b\r\n{lines}\r\nbody\r\n--b\r\n{lines}\r\nbody\r\n--b--");
        foreach (var size in new[] { 1, 1000, int.MaxValue })
            Assert.Equal(status, await StatusAsync(PieceStream.Of(bytes, size)));
    }

    [Theory]
    [InlineData(32, 0)]
    [InlineData(33, 431)]
    public async Task The_headers_of_a_part_are_limited_to_32(int count, int status)
    {
        var lines = string.Concat(Enumerable.Range(0, count).Select(number => $"X{number}: y\r\n"));
        Assert.Equal(status, await StatusAsync(PieceStream.Of(Encoding.ASCII.GetBytes($"--b\r\n{lines}\r\nbody\r\n--b\r\n{lines}\r\nbody\r\n--b--"), 10)));
    }

    [Fact]
    public async Task A_head_without_end_is_refused_when_it_is_too_large_and_not_later()
    {
        var body = new LongStream("--b\r\nX: "u8.ToArray(), new byte[1024], 1024, []);
        Assert.Equal(431, await StatusAsync(body));
        Assert.InRange(body.Position, 16 * 1024, 64 * 1024);
    }

    [Fact]
    public async Task Header_values_are_UTF_8_or_else_Latin_1()
    {
        var body = Encoding.UTF8.GetBytes("--b\r\nX: grün 😀\r\nContent-Disposition: form-data; name=\"日本語\"\r\n\r\n\r\n--b--").ToList();
        var part = Assert.Single(await ReceivedPart.ReadAllAsync(new MemoryStream([.. body]), "b"));
        Assert.Equal("X: grün 😀\nContent-Disposition: form-data; name=\"日本語\"\n", part.Headers);
        Assert.Equal("日本語", part.Name);
        part = Assert.Single(await ReceivedPart.ReadAllAsync("--b\r\nX: gr\u00fcn\r\nContent-Disposition: form-data; name=\"\u00e9\u00e8\"\r\n\r\n\r\n--b--"));
        Assert.Equal(("X: grün\nContent-Disposition: form-data; name=\"éè\"\n", "éè"), (part.Headers, part.Name));
    }

    [Fact]
    public async Task The_rest_of_a_part_is_passed_over_and_its_body_closed()
    {
        var reader = Read(Form);
        Assert.Equal(0, reader.PartCount);
        var first = (await reader.ReadPartAsync(None))!;
        Assert.Equal(1, reader.PartCount);
        Assert.Equal('v', first.Body.ReadByte());
        var second = (await reader.ReadPartAsync(None))!;
        Assert.Equal("file", second.Name);
        Assert.False(first.Body.CanRead);
        Assert.Throws<ObjectDisposedException>(() => first.Body.ReadByte());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await first.Body.ReadExactlyAsync(new byte[1], None));

        // Whoever closes a body may go on as well.
        await second.Body.DisposeAsync();
        Assert.Null(await reader.ReadPartAsync(None));
        Assert.Null(await reader.ReadPartAsync(None));
        Assert.Equal(2, reader.PartCount);
    }

    [Fact]
    public async Task Every_way_to_read_a_body_gives_the_same()
    {
        var content = string.Concat(Enumerable.Range(0, 40_000).Select(number => $"\r\n--{number}"));
        var bytes = Encoding.ASCII.GetBytes($"--b\r\n\r\n{content}\r\n--b--");
        foreach (var read in new Func<Stream, byte[], ValueTask<int>>[]
        {
            static (stream, buffer) => stream.ReadAsync(buffer),
            static (stream, buffer) => new(stream.ReadAsync(buffer, 0, buffer.Length)),
            static (stream, buffer) => new(stream.Read(buffer, 0, buffer.Length)),
            static (stream, buffer) => new(stream.Read(buffer.AsSpan())),
        })
        {
            foreach (var isLate in new[] { false, true })
            {
                var reader = new MultipartReader(new PieceStream(bytes, () => 5000, isLate), "b");
                var body = (await reader.ReadPartAsync(None))!.Body;
                var received = new StringBuilder();
                var buffer = new byte[777];
                for (int count; (count = await read(body, buffer)) > 0;)
                    received.Append(Encoding.ASCII.GetString(buffer, 0, count));
                Assert.Equal(content, received.ToString());

                // The end stays the end, and nothing asked for is nothing given.
                Assert.Equal((0, 0, -1), (await read(body, buffer), await read(body, []), body.ReadByte()));
                Assert.Null(await reader.ReadPartAsync(None));
            }
        }
    }

    [Fact]
    public async Task A_body_goes_one_way_and_has_no_length()
    {
        var body = (await Read(Form).ReadPartAsync(None))!.Body;
        Assert.Equal((true, false, false), (body.CanRead, body.CanWrite, body.CanSeek));
        Assert.Throws<NotSupportedException>(() => body.Length);
        Assert.Throws<NotSupportedException>(() => body.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => body.WriteByte(1));
        body.Flush();
        Assert.Equal(0, await body.ReadAsync(Memory<byte>.Empty, None));
        Assert.Equal('v', body.ReadByte());
    }

    [Fact]
    public async Task Whoever_reads_on_after_a_fault_meets_it_again()
    {
        var reader = Read("--b\r\n\r\nx\r\n--b\r\nno colon\r\n\r\ny\r\n--b--");
        await reader.ReadPartAsync(None);
        for (var n = 0; n < 3; n++)
            Assert.Contains("'name: value'", (await Assert.ThrowsAsync<RequestFaultException>(async () => await reader.ReadPartAsync(None))).Message, StringComparison.Ordinal);
        Assert.Equal(1, reader.PartCount);

        reader = Read("--b\r\n\r\nx");
        var body = (await reader.ReadPartAsync(None))!.Body;
        Assert.Equal('x', body.ReadByte());
        for (var n = 0; n < 3; n++)
            Assert.Throws<RequestFaultException>(() => body.ReadByte());
        await Assert.ThrowsAsync<RequestFaultException>(async () => await reader.ReadPartAsync(None));
    }

    [Fact]
    public async Task A_cancelled_call_reads_nothing()
    {
        var reader = Read(Form);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.ReadPartAsync(cancelled));
        var body = (await reader.ReadPartAsync(None))!.Body;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await body.ReadExactlyAsync(new byte[1], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.ReadPartAsync(cancelled));
        Assert.Equal('v', body.ReadByte());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_cancelled_call_can_be_made_again()
    {
        var token = TestContext.Current.CancellationToken;
        using var stream = new ScriptedStream();
        var reader = new MultipartReader(stream, "b");
        foreach (var piece in new[] { "pream", "ble\r\n--b", "\r\nContent-Disposition: form-data; ", "name=\"n\"\r\nX: y\r\n", "\r" })
        {
            stream.Feed(piece);
            await CancelAsync(own => reader.ReadPartAsync(own).AsTask());
        }

        stream.Feed("\nco");
        var part = (await reader.ReadPartAsync(token))!;
        Assert.Equal(("n", 2), (part.Name, part.Headers.Count));
        Assert.Equal(('c', 'o'), ((char)part.Body.ReadByte(), (char)part.Body.ReadByte()));
        await CancelAsync(own => part.Body.ReadAsync(new byte[1], own).AsTask());
        stream.Feed("ntent\r\n--b--\r\nepi");
        using var text = new StreamReader(part.Body);
        Assert.Equal("ntent", await text.ReadToEndAsync(token));
        await CancelAsync(own => reader.ReadPartAsync(own).AsTask());
        stream.Feed("logue");
        stream.FinishInput();
        Assert.Null(await reader.ReadPartAsync(token));

        async Task CancelAsync(Func<CancellationToken, Task> call)
        {
            using var cancellation = new CancellationTokenSource();
            var task = call(cancellation.Token);
            await stream.WaitForWaitAsync();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        }
    }

    [Fact]
    public async Task The_body_is_read_to_its_end_and_left_open()
    {
        using var body = new MemoryStream(Encoding.ASCII.GetBytes(Form + new string('e', 100_000)));
        await ReceivedPart.ReadAllAsync(body, "b");
        Assert.Equal((true, body.Length), (body.CanRead, body.Position));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_comes_is_given_without_waiting_for_more()
    {
        var token = TestContext.Current.CancellationToken;
        using var stream = new ScriptedStream();
        stream.Feed("--b\r\n\r\nat once");
        var body = (await new MultipartReader(stream, "b").ReadPartAsync(token))!.Body;
        var buffer = new byte[100];
        Assert.Equal(7, await body.ReadAsync(buffer, token));
        stream.Feed("\r\n--b");
        var read = body.ReadAsync(buffer, token).AsTask();
        await stream.WaitForWaitAsync();
        Assert.False(read.IsCompleted);
        stream.Feed("X");
        Assert.Equal("\r\n--bX", Encoding.ASCII.GetString(buffer, 0, await read));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_large_part_takes_no_more_memory_than_a_small_one(bool isRead)
    {
        const int Blocks = 16 * 1024;
        // Look-alikes at every place of the buffer, as their number of bytes is odd.
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("\r\n--boundar\r\n--boundary-\r\n--boundaryX.", 107)));
        var reader = new MultipartReader(
            new LongStream("--boundary\r\n\r\n"u8.ToArray(), block, Blocks, "\r\n--boundary\r\n\r\nlast\r\n--boundary--"u8.ToArray()), "boundary");
        var body = Now(reader.ReadPartAsync(None)).Body;
        var buffer = new byte[64 * 1024];
        Assert.True(body.Read(buffer) > 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var total = 0L;
        if (isRead)
        {
            for (int count; (count = body.Read(buffer)) > 0;)
                total += count;
        }

        var next = Now(reader.ReadPartAsync(None));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal('l', next.Body.ReadByte());
        Assert.True(!isRead || total > block.LongLength * (Blocks - 16), $"{total} bytes came.");
        Assert.True(allocated < 8 * 1024, $"{allocated} bytes were allocated for a part of {block.LongLength * Blocks}.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a ")]
    [InlineData("a\r\nb")]
    [InlineData("ü")]
    [InlineData("a*b")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901")]
    public void A_boundary_that_is_none_is_the_callers_fault(string boundary) =>
        Assert.Contains("BoundaryOf", Assert.Throws<ArgumentException>(nameof(boundary), () => new MultipartReader(Stream.Null, boundary)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_reader_needs_a_body_and_a_boundary()
    {
        Assert.Throws<ArgumentNullException>("body", () => new MultipartReader(null!, "b"));
        Assert.Throws<ArgumentNullException>("boundary", () => new MultipartReader(Stream.Null, null!));
        using var closed = new MemoryStream();
        closed.Dispose();
        Assert.Throws<ArgumentException>("body", () => new MultipartReader(closed, "b"));
    }

    /// <summary>What does not wait happens on the calling thread, whose allocations can be counted.</summary>
    private static MultipartPart Now(ValueTask<MultipartPart?> part)
    {
        Assert.True(part.IsCompletedSuccessfully);
        return part.Result!;
    }

    private static MultipartReader Read(string body) => new(new MemoryStream(Encoding.Latin1.GetBytes(body)), "b");

    private static async Task<int> StatusAsync(Stream body)
    {
        try
        {
            Assert.Equal(["body", "body"], (await ReceivedPart.ReadAllAsync(body, "b")).Select(part => part.Content));
            return 0;
        }
        catch (RequestFaultException fault)
        {
            return fault.Status;
        }
    }
}
