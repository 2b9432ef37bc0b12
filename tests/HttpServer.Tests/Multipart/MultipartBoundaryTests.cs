using Http.Server.Multipart;

namespace Http.Server.Tests.Multipart;

public sealed class MultipartBoundaryTests
{
    private const string Seventy = "1234567890123456789012345678901234567890123456789012345678901234567890";

    [Theory]
    [InlineData("multipart/form-data; boundary=abc", "abc")]
    [InlineData("Multipart/Form-Data;BOUNDARY=aBc", "aBc")]
    [InlineData("multipart/mixed ;\tboundary=abc \t", "abc")]
    [InlineData("multipart/form-data; boundary=\"abc\"", "abc")]
    [InlineData("multipart/form-data; boundary=\"a b\"", "a b")]
    [InlineData("multipart/form-data; boundary=\"a;b=c\"", null)]
    [InlineData("multipart/form-data; boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?")]
    [InlineData("multipart/form-data; boundary='()+_,-./:=?", "'()+_,-./:=?")]
    [InlineData("multipart/form-data; charset=utf-8; boundary=abc", "abc")]
    [InlineData("multipart/form-data; x=\"; boundary=no\"; boundary=abc; y=z", "abc")]
    [InlineData("multipart/form-data; x=\"\\\"; boundary=no\"; boundary=abc", "abc")]
    [InlineData("multipart/form-data;; boundary=abc;", "abc")]
    [InlineData("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "----WebKitFormBoundary7MA4YWxkTrZu0gW")]
    [InlineData("multipart/form-data; boundary=" + Seventy, Seventy)]
    [InlineData("multipart/form-data; boundary=" + Seventy + "1", null)]
    [InlineData("multipart/form-data; boundary=\"a \"", null)]
    [InlineData("multipart/form-data; boundary=\"\"", null)]
    [InlineData("multipart/form-data; boundary=", null)]
    [InlineData("multipart/form-data; boundary", null)]
    [InlineData("multipart/form-data; boundary=abc def", null)]
    [InlineData("multipart/form-data; boundary=\"abc", null)]
    [InlineData("multipart/form-data; boundary=\"abc\"d", null)]
    [InlineData("multipart/form-data; boundary=ab\"c", null)]
    [InlineData("multipart/form-data; boundary=a*b", null)]
    [InlineData("multipart/form-data; boundary=\u00fc", null)]
    [InlineData("multipart/form-data; boundary=\"a\\\"b\"", null)]
    [InlineData("multipart/form-data; boundary = abc", null)]
    [InlineData("multipart/form-data; boundary=abc; boundary=abc", null)]
    [InlineData("multipart/form-data; boundary=abc; =x", null)]
    [InlineData("multipart/form-data, boundary=abc", null)]
    [InlineData("multipart/form-data boundary=abc", null)]
    [InlineData("multipart/form-data", null)]
    [InlineData("multipart/; boundary=abc", null)]
    [InlineData("multipart; boundary=abc", null)]
    [InlineData("text/plain; boundary=abc", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("; boundary=abc", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_boundary_stands_in_the_type(string? contentType, string? boundary)
    {
        Assert.Equal(boundary, MultipartReader.BoundaryOf(contentType));
        Assert.True(boundary is null || MultipartBoundary.IsValid(boundary));
    }
}
