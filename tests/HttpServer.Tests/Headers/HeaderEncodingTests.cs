using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class HeaderEncodingTests
{
    [Theory]
    [InlineData("Location", "/\u65e5?a=\u20ac&b=%20#\u00fc", "/%E6%97%A5?a=%E2%82%AC&b=%20#%C3%BC")]
    [InlineData("content-location", "/\U0001f600", "/%F0%9F%98%80")]
    [InlineData("Location", "/\u00fc", "/\u00fc")]
    [InlineData("Content-Disposition", "attachment; filename=\"\u65e5.txt\"", "attachment; filename=\"_.txt\"; filename*=UTF-8''%E6%97%A5.txt")]
    [InlineData("Content-Disposition", "attachment;filename=\u20ac\u00fc.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%E2%82%AC%C3%BC.txt")]
    [InlineData("content-disposition", "inline; x=y; filename=\"a\\\"\u20ac\"", "inline; x=\"y\"; filename=\"a\\\"_\"; filename*=UTF-8''a%22%E2%82%AC")]
    [InlineData("Content-Disposition", "attachment; filename=\"a\"; filename*=UTF-8''\u20ac", "attachment; filename=\"a\"; filename*=UTF-8''%E2%82%AC")]
    [InlineData("Content-Disposition", "attachment; filename=\"\u20ac\"; filename*=UTF-8''x", "attachment; filename=\"_\"; filename*=UTF-8''x")]
    [InlineData("Content-Disposition", "attachment; filename=\"\u00fc\"", "attachment; filename=\"\u00fc\"")]
    [InlineData("Content-Disposition", "attachment; filename=\"\u20ac", "attachment; filename=\"\u20ac")]
    [InlineData("Content-Disposition", "attachment; name=\"\u20ac\"", "attachment; name=\"\u20ac\"")]
    [InlineData("X-Own", "\u20ac", "\u20ac")]
    public void Text_beyond_Latin_1_is_encoded_where_that_is_defined(string name, string value, string expected) =>
        Assert.Equal(expected, HeaderEncoding.Encode(name, value));
}
