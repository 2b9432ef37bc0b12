using Http.Server.Content;

namespace Http.Server.Tests.Content;

public sealed class ContentPrintTests
{
    [Fact]
    public void The_same_bytes_have_the_same_print_and_others_have_another()
    {
        var bytes = new byte[1003];
        new Random(1).NextBytes(bytes);
        var prints = new HashSet<ulong> { ContentPrint.Of(bytes) };
        Assert.Equal(prints.Single(), ContentPrint.Of(bytes.ToArray()));
        for (var at = 0; at < bytes.Length * 8; at++)
        {
            bytes[at / 8] ^= (byte)(1 << (at % 8));
            Assert.True(prints.Add(ContentPrint.Of(bytes)));
            bytes[at / 8] ^= (byte)(1 << (at % 8));
        }
    }

    [Fact]
    public void Length_and_order_count()
    {
        Assert.NotEqual(ContentPrint.Of(new byte[7]), ContentPrint.Of(new byte[8]));
        Assert.NotEqual(ContentPrint.Of(default), ContentPrint.Of(new byte[1]));
        Assert.NotEqual(ContentPrint.Of("aaaaaaaabbbbbbbb"u8), ContentPrint.Of("bbbbbbbbaaaaaaaa"u8));
    }
}
