namespace Http.Server.Tests.Headers;

public sealed class HttpHeadersTests
{
    private readonly HttpHeaders _headers = new();

    public HttpHeadersTests()
    {
        _headers.Add("Accept", "a");
        _headers.Add("X-Empty", "");
        _headers.Add("accept", "b");
    }

    [Fact]
    public void Names_are_compared_without_regard_to_case()
    {
        Assert.Equal("a", _headers["ACCEPT"]);
        Assert.True(_headers.Contains("x-empty"));
        Assert.Equal("", _headers["x-EMPTY"]);
    }

    [Fact]
    public void The_first_of_several_fields_is_the_value_and_all_can_be_had()
    {
        Assert.Equal("a", _headers.Get("accept"));
        Assert.Equal(["a", "b"], _headers.GetAll("Accept"));
    }

    [Fact]
    public void What_is_not_there_is_null_or_the_fallback()
    {
        Assert.Null(_headers["Host"]);
        Assert.Null(_headers.Get("Host"));
        Assert.Equal("x", _headers.Get("Host", "x"));
        Assert.Empty(_headers.GetAll("Host"));
        Assert.False(_headers.Contains("Host"));
    }

    [Fact]
    public void Fields_keep_their_order_and_their_spelling()
    {
        Assert.Equal(3, _headers.Count);
        Assert.Equal(["Accept", "X-Empty", "accept"], _headers.Names);
        Assert.Equal([new("Accept", "a"), new("X-Empty", ""), new("accept", "b")], _headers);
        Assert.Equal("Accept: a\nX-Empty: \naccept: b\n", _headers.ToString());
    }

    [Fact]
    public void A_field_has_a_name_and_a_value()
    {
        Assert.Throws<ArgumentException>(() => _headers.Add("", "x"));
        Assert.Throws<ArgumentNullException>(() => _headers.Add("X", null!));
    }
}
