using System.Text;
using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class EntityTagsTests
{
    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"xyzzy\"")]
    [InlineData("W/\"xyzzy\"")]
    [InlineData("W/\"\"")]
    [InlineData("\"a,b\"")]
    [InlineData("\"!#$%&'()*+-./:;<=>?@[\\]^_`{|}~\"")]
    [InlineData("\"\u0080\u00FF\"")]
    public void A_tag_of_the_grammar_is_valid(string tag) => Assert.True(EntityTags.IsValid(Bytes(tag)));

    [Theory]
    [InlineData("")]
    [InlineData("xyzzy")]
    [InlineData("\"")]
    [InlineData("W/")]
    [InlineData("W/\"")]
    [InlineData("\"xyzzy")]
    [InlineData("xyzzy\"")]
    [InlineData("'xyzzy'")]
    [InlineData("w/\"xyzzy\"")]
    [InlineData("W\"xyzzy\"")]
    [InlineData("W /\"xyzzy\"")]
    [InlineData("\"a b\"")]
    [InlineData("\"a\tb\"")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\" ")]
    [InlineData(" \"a\"")]
    [InlineData("\"a\u007F\"")]
    [InlineData("\"a\0\"")]
    [InlineData("\"a\",\"b\"")]
    [InlineData("*")]
    public void Anything_else_is_no_tag(string tag) => Assert.False(EntityTags.IsValid(Bytes(tag)));

    // The table of RFC 9110 section 8.8.3.2.
    [Theory]
    [InlineData("W/\"1\"", "W/\"1\"", false, true)]
    [InlineData("W/\"1\"", "W/\"2\"", false, false)]
    [InlineData("W/\"1\"", "\"1\"", false, true)]
    [InlineData("\"1\"", "W/\"1\"", false, true)]
    [InlineData("\"1\"", "\"1\"", true, true)]
    [InlineData("\"1\"", "\"2\"", false, false)]
    [InlineData("\"a\"", "\"A\"", false, false)]
    public void Tags_are_compared_strongly_or_weakly(string one, string other, bool strong, bool weak)
    {
        Assert.Equal(strong, EntityTags.Matches(Bytes(one), Bytes(other), weak: false));
        Assert.Equal(weak, EntityTags.Matches(Bytes(one), Bytes(other), weak: true));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("\"c\"", true)]
    [InlineData("\"a\", \"b\", \"c\"", true)]
    [InlineData("\"a\",\"c\",\"b\"", true)]
    [InlineData(",, \"a\" ,\t,\"c\",", true)]
    [InlineData("\"a\",\"b\"", false)]
    [InlineData("\"a,\\\"c\",\"\"", null)]
    [InlineData("\"x,\",\"c\"", true)]
    [InlineData("\"x,y\"", false)]
    [InlineData("", false)]
    [InlineData(" , ", false)]
    public void A_list_matches_when_any_of_its_tags_does(string list, bool? expected) =>
        Assert.Equal(expected, EntityTags.Matches(Bytes(list), "\"c\""u8, weak: false));

    [Theory]
    [InlineData("c")]
    [InlineData("\"c\" \"d\"")]
    [InlineData("\"c\"\"d\"")]
    [InlineData("\"c\";\"d\"")]
    [InlineData("\"c\", d")]
    [InlineData("\"c\", \"d")]
    [InlineData("\"c\", *")]
    [InlineData("*, \"c\"")]
    [InlineData("**")]
    [InlineData("\"c\", w/\"d\"")]
    [InlineData("\"c\", W/ \"d\"")]
    [InlineData("\"c\u0001\"")]
    public void A_malformed_list_is_null_even_when_one_tag_matches(string list)
    {
        Assert.Null(EntityTags.Matches(Bytes(list), "\"c\""u8, weak: false));
        Assert.Null(EntityTags.Matches(Bytes(list), "\"c\""u8, weak: true));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("\"\"", false)]
    [InlineData("W/\"\"", false)]
    public void A_representation_without_a_tag_matches_only_the_star(string list, bool expected) =>
        Assert.Equal(expected, EntityTags.Matches(Bytes(list), [], weak: true));

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
