using Http.Server.Resources;

namespace Http.Server.Tests.Resources;

public sealed class KeyedDigestTests
{
    [Fact]
    public void A_text_has_one_name_of_each_key()
    {
        var (one, other) = (new KeyedDigest(), new KeyedDigest());
        Assert.Equal(one.Of("a"), one.Of("a"u8));
        Assert.NotEqual(one.Of("a"), one.Of("b"));
        Assert.NotEqual(one.Of("a"), other.Of("a"));
    }
}
