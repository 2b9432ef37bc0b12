using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Tests.Routing;

public sealed class RouteConstraintsTests
{
    [Theory]
    [InlineData("int", "0 7 -5 +5 2147483647 -2147483648 007", "2147483648 1.5 1,000 x 5x 0x10 1e3 - ٣")]
    [InlineData("long", "0 -5 2147483648 9223372036854775807", "9223372036854775808 1.5 x")]
    [InlineData("guid", "0f8fad5b-d9cb-469f-a165-70867728950e 0F8FAD5BD9CB469FA16570867728950E {0f8fad5b-d9cb-469f-a165-70867728950e}", "0f8fad5b 1 x")]
    [InlineData("bool", "true false True FALSE", "1 0 yes truee")]
    [InlineData("decimal", "0 -1.5 +1.5 .5 1. 79228162514264337593543950335", "1,5 1,000.0 1e3 x . 79228162514264337593543950336")]
    [InlineData("datetime", "2030-12-31 2030-12-31T10:00:00Z 12/31/2030", "2030-13-01 31/12/2030 x 20301231")]
    [InlineData("alpha", "a Z abcXYZ", "a1 1 a_b a-b ä")]
    public void A_value_is_of_its_kind_as_the_invariant_culture_reads_it(string name, string right, string wrong)
    {
        Assert.True(RouteConstraints.TryParse(name, out var constraint));
        Assert.All(right.Split(' '), value => Assert.True(RouteConstraints.Accepts(constraint, value), value));
        Assert.All(wrong.Split(' '), value => Assert.False(RouteConstraints.Accepts(constraint, value), value));
    }

    [Theory]
    [InlineData("int")]
    [InlineData("long")]
    [InlineData("bool")]
    [InlineData("decimal")]
    public void White_space_around_a_value_is_not_overlooked(string name)
    {
        Assert.True(RouteConstraints.TryParse(name, out var constraint));
        Assert.False(RouteConstraints.Accepts(constraint, name == "bool" ? " true" : " 1"));
        Assert.False(RouteConstraints.Accepts(constraint, name == "bool" ? "true " : "1 "));
    }

    [Fact]
    public void Every_name_is_read_in_any_case_and_written_the_same()
    {
        foreach (var name in RouteConstraints.Names.Split(", "))
        {
            Assert.True(RouteConstraints.TryParse(name.ToUpperInvariant(), out var constraint));
            Assert.Equal(name, RouteConstraints.NameOf(constraint));
        }

        Assert.Equal(Enum.GetValues<RouteConstraint>().Length - 1, RouteConstraints.Names.Split(", ").Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("0")]
    [InlineData("int,long")]
    [InlineData(" int")]
    [InlineData("float")]
    public void What_is_no_constraints_name_is_not_taken_for_one(string name) => Assert.False(RouteConstraints.TryParse(name, out _));

    [Fact]
    public void No_text_is_no_value() =>
        Assert.All(Enum.GetValues<RouteConstraint>(), constraint => Assert.False(RouteConstraints.Accepts(constraint, "")));

    [Fact]
    public void A_text_too_long_for_a_number_is_none_but_letters_may_be_many()
    {
        Assert.True(RouteConstraints.Accepts(RouteConstraint.Int, new string('0', 100)));
        Assert.False(RouteConstraints.Accepts(RouteConstraint.Int, new string('0', 101)));
        Assert.True(RouteConstraints.Accepts(RouteConstraint.Alpha, new string('a', 5_000)));
        Assert.True(RouteConstraints.Accepts(RouteConstraint.None, new string('a', 5_000)));
    }
}
