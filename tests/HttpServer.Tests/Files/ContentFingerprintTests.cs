using Http.Server.Files;

namespace Http.Server.Tests.Files;

public sealed class ContentFingerprintTests
{
    [Fact]
    public void The_same_bytes_have_the_same_print_and_others_have_another()
    {
        var bytes = new byte[1003];
        new Random(1).NextBytes(bytes);
        var prints = new HashSet<ulong> { ContentFingerprint.Of(bytes) };
        Assert.Equal(prints.Single(), ContentFingerprint.Of(bytes.ToArray()));
        for (var at = 0; at < bytes.Length * 8; at++)
        {
            bytes[at / 8] ^= (byte)(1 << (at % 8));
            Assert.True(prints.Add(ContentFingerprint.Of(bytes)));
            bytes[at / 8] ^= (byte)(1 << (at % 8));
        }
    }

    [Fact]
    public void Length_and_order_count()
    {
        Assert.NotEqual(ContentFingerprint.Of(new byte[7]), ContentFingerprint.Of(new byte[8]));
        Assert.NotEqual(ContentFingerprint.Of(default), ContentFingerprint.Of(new byte[1]));
        Assert.NotEqual(ContentFingerprint.Of("aaaaaaaabbbbbbbb"u8), ContentFingerprint.Of("bbbbbbbbaaaaaaaa"u8));
    }
}
