using System.Text;
using Http.Server.Compression;
using Http.Server.Headers;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Compression;

public sealed class ContentEncoderTests
{
    private static readonly byte[] Prose = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(number => $"line {number}\n")));

    public static TheoryData<string, string> Codings => new() { { "br", "small" }, { "gzip", "small" }, { "br", "prose" }, { "gzip", "prose" }, { "br", "noise" }, { "gzip", "noise" } };

    [Theory]
    [MemberData(nameof(Codings))]
    public void What_is_compressed_at_once_comes_back(string name, string kind)
    {
        var source = Source(kind);
        var encoded = ContentEncoder.Encode(CodingOf(name), source, evenIfLarger: false);
        if (kind == "noise")
            Assert.Null(encoded);
        else
            Assert.InRange(encoded!.Length, 1, source.Length - 1);
        encoded ??= ContentEncoder.Encode(CodingOf(name), source, evenIfLarger: true)!;
        Assert.Equal(source, Decoding.Decode(name, encoded));
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public void What_is_compressed_block_by_block_comes_back(string name, string kind)
    {
        var source = Source(kind);
        foreach (var blockSize in new[] { 1000, 65_536 })
        {
            using var encoder = ContentEncoder.Begin(CodingOf(name));
            var all = new List<byte>();
            for (var done = 0; done < source.Length; done += blockSize)
            {
                var block = source.AsSpan(done, Math.Min(blockSize, source.Length - done));
                all.AddRange(encoder.Encode(block, isLast: done + block.Length == source.Length).Span);
            }

            Assert.Equal(source, Decoding.Decode(name, [.. all]));
        }
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public void An_encoder_can_be_given_up_and_an_empty_content_compressed(string name)
    {
        using (var encoder = ContentEncoder.Begin(CodingOf(name)))
            encoder.Encode(Prose, isLast: false);
        Assert.Empty(Decoding.Decode(name, ContentEncoder.Encode(CodingOf(name), [], evenIfLarger: true)!));
    }

    private static ContentCoding CodingOf(string name) => name == "br" ? ContentCoding.Brotli : ContentCoding.Gzip;

    private static byte[] Source(string kind)
    {
        var noise = new byte[200_000];
        new Random(1).NextBytes(noise);
        return kind switch
        {
            "small" => Prose[..1100],
            "prose" => Prose,
            _ => noise,
        };
    }
}
