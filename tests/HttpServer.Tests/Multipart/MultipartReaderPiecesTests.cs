using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Multipart;

/// <summary>
/// Where the network cuts a multipart body makes no difference, whatever the body. The seeds are fixed and the counts bounded, so that
/// a failure can be repeated; it names its input.
/// </summary>
public sealed class MultipartReaderPiecesTests
{
    private const int BrokenCount = 20_000;
    private const int WholeCount = 3_000;

    private static readonly string[] Pieces =
    [
        "\r\n", "\r", "\n", "-", "--", "\r\n--", "--bound", "\r\n--bound", "--bound--", "\r\n--bound--", "\r\n--boun", "\r\n--bound \r\n", "\r\n--bound--\r\n",
        "\r\n--bound\r\n\r\n", "\r\n\r\n", "bound", " ", "\t", "\0", ":", "X: y\r\n", "x", "\u00ff", "\u00c3\u00a9", "\"", ";", "=", "\\", "%22", "%0D%0A",
        "Content-Disposition: form-data; name=\"n\"\r\n", "Content-Disposition: form-data; name=n; filename=\"a/b\\c\"\r\n", "; filename*=UTF-8''%e2%82%ac",
        "; name=\"=?utf-8?B?w7w=?=\"",
    ];

    private static readonly string[] GoodBodies =
    [
        "--bound\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--bound--\r\n",
        "--bound\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\\\"c\"; filename*=UTF-8''d\r\nContent-Type: text/plain\r\n\r\n\r\n\r\n--bound--\r\n",
        "pre\r\n--bound \t\r\n\r\na\r\n--boundary\r\n--bound\r\n\r\n--bound-- \r\nepilogue",
        "--bound--",
    ];

    private static readonly string Body =
        "preamble\r\n--boun\r\n--bounds\r\n--bound \t\r\nContent-Disposition: form-data; name=\"one\"\r\nX: \u00c3\u00a9\r\n\r\n"
        + "\r\n--bound\r\n\r\n\r\n\r\n--boun\r\n\r\n--boundary\r\n--bound-\r\n--bound--x\r\r\n--bound\r--bound\n\r\n-\r\n--bound  x\r\n--bound \r\n"
        + "Content-Disposition: form-data; name=\"three\"; filename=\"a\"\r\n\r\n--bound-\r\n--bound--\t\r\nepilogue\r\n--bound\r\n\r\n";

    [Fact]
    public async Task A_body_cut_at_any_place_or_into_pieces_of_any_size_is_the_same()
    {
        var bytes = Encoding.Latin1.GetBytes(Body);
        var whole = await ReceivedPart.OutcomeAsync(new MemoryStream(bytes), "bound");
        Assert.Equal(
            "\n[Content-Disposition: form-data; name=\"one\"\nX: é\n]one||\n[]||"
            + "\r\n\r\n--boun\r\n\r\n--boundary\r\n--bound-\r\n--bound--x\r\r\n--bound\r--bound\n\r\n-\r\n--bound  x"
            + "\n[Content-Disposition: form-data; name=\"three\"; filename=\"a\"\n]three|a|--bound-",
            whole);
        for (var at = 0; at <= bytes.Length; at++)
            Assert.Equal(whole, await ReceivedPart.OutcomeAsync(PieceStream.SplitAt(bytes, at), "bound"));
        for (var size = 1; size < bytes.Length; size++)
            Assert.Equal(whole, await ReceivedPart.OutcomeAsync(PieceStream.Of(bytes, size), "bound"));
    }

    [Fact]
    public async Task A_boundary_at_any_place_of_the_buffer_is_found()
    {
        for (var length = (32 * 1024) - 200; length < (32 * 1024) + 50; length++)
        {
            var content = new string('x', length);
            var body = Encoding.ASCII.GetBytes($"--bound\r\n\r\n{content}\r\n--bound \r\nX: {new string('y', 15_000)}\r\n\r\n{content}\r\n--bound--");
            Assert.Equal([content, content], (await ReceivedPart.ReadAllAsync(new MemoryStream(body), "bound")).Select(part => part.Content));
        }
    }

    [Fact]
    public async Task A_random_body_is_read_or_refused_and_in_pieces_the_same()
    {
        var random = new Random(3);
        var accepted = 0;
        for (var n = 0; n < BrokenCount; n++)
        {
            var bytes = Make(random);
            try
            {
                var whole = await ReceivedPart.OutcomeAsync(new MemoryStream(bytes), "bound");
                Assert.Equal(whole, await ReceivedPart.OutcomeAsync(new PieceStream(bytes, () => random.Next(1, 20), n % 10 == 0), "bound"));
                if (!whole.Contains("\n400 ", StringComparison.Ordinal))
                    accepted++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"{Convert.ToHexString(bytes)}: {exception}");
            }
        }

        // Otherwise the fuzz would try the refusals alone.
        Assert.InRange(accepted, BrokenCount / 50, BrokenCount * 49 / 50);
    }

    [Fact]
    public async Task What_is_put_into_a_body_comes_out_of_it()
    {
        var random = new Random(4);
        for (var n = 0; n < WholeCount; n++)
        {
            var contents = Enumerable.Range(0, random.Next(1, 5)).Select(_ => MakeContent(random)).ToList();
            var body = string.Concat(contents.Select((content, index) => $"--bound\r\nContent-Disposition: form-data; name=\"{index}\"\r\n\r\n{content}\r\n")) + "--bound--";
            var parts = await ReceivedPart.ReadAllAsync(new PieceStream(Encoding.Latin1.GetBytes(body), () => random.Next(1, 30)), "bound");
            Assert.Equal(contents, parts.Select(part => part.Content));
            Assert.Equal(Enumerable.Range(0, contents.Count).Select(index => $"{index}"), parts.Select(part => part.Name));
        }
    }

    /// <summary>Content of all that could be mistaken, without what really is a boundary.</summary>
    private static string MakeContent(Random random)
    {
        while (true)
        {
            var content = string.Concat(Enumerable.Range(0, random.Next(15)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            if (!System.Text.RegularExpressions.Regex.IsMatch("\r\n" + content + "\r\n", "\r\n--bound(--)?[ \t]*\r\n"))
                return content;
        }
    }

    /// <summary>Random bytes, random pieces, or a good body with some of it changed.</summary>
    private static byte[] Make(Random random)
    {
        if (random.Next(10) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        if (random.Next(3) == 0)
            return Encoding.Latin1.GetBytes("--bound\r\n" + string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => Pieces[random.Next(Pieces.Length)])));
        var text = new StringBuilder(GoodBodies[random.Next(GoodBodies.Length)]);
        for (var change = random.Next(5); change > 0; change--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(4), text.Length - at);
            switch (random.Next(5))
            {
                case 0: text.Remove(at, length); break;
                case 1: text.Insert(at, Pieces[random.Next(Pieces.Length)]); break;
                case 2: text.Insert(at, (char)random.Next(256)); break;
                case 3: text.Insert(at, text.ToString(at, length)); break;
                default: text.Insert(at, GoodBodies[random.Next(GoodBodies.Length)]); break;
            }
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }
}
