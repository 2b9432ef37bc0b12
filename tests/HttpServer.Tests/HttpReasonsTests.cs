namespace Http.Server.Tests;

public class HttpReasonsTests
{
    [Fact]
    public void Every_code_of_the_registry_is_there_in_order_and_no_other()
    {
        int[] registry =
        [
            .. Enumerable.Range(100, 5), .. Enumerable.Range(200, 9), 226, .. Enumerable.Range(300, 9),
            .. Enumerable.Range(400, 19), .. Enumerable.Range(421, 6), 428, 429, 431, 451, .. Enumerable.Range(500, 9), 510, 511,
        ];
        Assert.Equal(registry, HttpReasons.All.Keys);
    }

    [Theory]
    [InlineData(100, "Continue")]
    [InlineData(200, "OK")]
    [InlineData(203, "Non-Authoritative Information")]
    [InlineData(304, "Not Modified")]
    [InlineData(404, "Not Found")]
    [InlineData(408, "Request Timeout")]
    [InlineData(413, "Content Too Large")]
    [InlineData(414, "URI Too Long")]
    [InlineData(416, "Range Not Satisfiable")]
    [InlineData(418, "I'm a teapot")]
    [InlineData(422, "Unprocessable Content")]
    [InlineData(431, "Request Header Fields Too Large")]
    [InlineData(505, "HTTP Version Not Supported")]
    [InlineData(511, "Network Authentication Required")]
    public void A_phrase_is_that_of_the_registry(int code, string phrase) => Assert.Equal(phrase, HttpReasons.PhraseOf(code));

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(105)]
    [InlineData(299)]
    [InlineData(419)]
    [InlineData(509)]
    [InlineData(512)]
    [InlineData(999)]
    [InlineData(int.MaxValue)]
    public void A_code_that_is_not_registered_has_no_reason_and_an_empty_phrase(int code)
    {
        Assert.False(HttpReasons.TryGet(code, out _));
        Assert.Equal("", HttpReasons.PhraseOf(code));
    }

    [Fact]
    public void A_reason_that_is_looked_up_is_the_one_in_the_list() => Assert.All(HttpReasons.All, pair =>
    {
        Assert.True(HttpReasons.TryGet(pair.Key, out var reason));
        Assert.Equal(pair.Value, reason);
        Assert.Equal(pair.Value.Phrase, HttpReasons.PhraseOf(pair.Key));
    });

    [Fact]
    public void Texts_are_printable_ascii_so_that_a_status_line_can_carry_them() => Assert.All(HttpReasons.All.Values, reason =>
    {
        Assert.Matches("^[!-~][ -~]*[!-~]$", reason.Phrase);
        Assert.Matches("^[!-~][ -~]*[!-~]$", reason.Explanation);
    });

    [Fact]
    public void No_two_codes_share_a_phrase_or_an_explanation()
    {
        Assert.Distinct(HttpReasons.All.Values.Select(reason => reason.Phrase));
        Assert.Distinct(HttpReasons.All.Values.Select(reason => reason.Explanation));
    }

    [Fact]
    public void The_list_cannot_be_changed()
    {
        var list = Assert.IsAssignableFrom<IDictionary<int, HttpReason>>(HttpReasons.All);
        Assert.Throws<NotSupportedException>(() => list[200] = default);
    }
}
