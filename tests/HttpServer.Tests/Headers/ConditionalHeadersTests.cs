using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class ConditionalHeadersTests
{
    [Fact]
    public void Nothing_is_present_by_default()
    {
        var headers = new ConditionalHeaders();
        Assert.False(headers.HasIfMatch || headers.HasIfNoneMatch || headers.HasIfModifiedSince
            || headers.HasIfUnmodifiedSince || headers.HasIfRange);
    }

    [Fact]
    public void A_field_may_be_present_and_empty()
    {
        var headers = new ConditionalHeaders
        {
            HasIfMatch = true,
            HasIfNoneMatch = true,
            HasIfModifiedSince = true,
            HasIfUnmodifiedSince = true,
            HasIfRange = true,
        };
        Assert.True(headers.HasIfMatch && headers.HasIfNoneMatch && headers.HasIfModifiedSince
            && headers.HasIfUnmodifiedSince && headers.HasIfRange);
        Assert.True(headers.IfMatch.IsEmpty && headers.IfRange.IsEmpty);
    }

    [Fact]
    public void A_value_makes_its_own_field_present_and_no_other()
    {
        var match = new ConditionalHeaders { IfMatch = "*"u8 };
        Assert.True(match.HasIfMatch && !match.HasIfNoneMatch);
        var noneMatch = new ConditionalHeaders { IfNoneMatch = "*"u8 };
        Assert.True(noneMatch.HasIfNoneMatch && !noneMatch.HasIfModifiedSince);
        var modified = new ConditionalHeaders { IfModifiedSince = "x"u8 };
        Assert.True(modified.HasIfModifiedSince && !modified.HasIfUnmodifiedSince);
        var unmodified = new ConditionalHeaders { IfUnmodifiedSince = "x"u8 };
        Assert.True(unmodified.HasIfUnmodifiedSince && !unmodified.HasIfRange);
        var range = new ConditionalHeaders { IfRange = "x"u8 };
        Assert.True(range.HasIfRange && !range.HasIfMatch);
    }
}
