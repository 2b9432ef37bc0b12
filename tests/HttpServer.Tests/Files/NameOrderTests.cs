using Http.Server.Files;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Files;

public sealed class NameOrderTests
{
    [Theory]
    [InlineData("a", "b")]
    [InlineData("A", "b")]
    [InlineData("a", "B")]
    [InlineData("A", "a")]
    [InlineData("", "a")]
    [InlineData("a", "ab")]
    [InlineData("file2", "file10")]
    [InlineData("file2.txt", "file10.txt")]
    [InlineData("1.9", "1.10")]
    [InlineData("2", "a")]
    [InlineData("a9", "a10b")]
    [InlineData("a01", "a1")]
    [InlineData("a007", "a8")]
    [InlineData("a0", "a00")]
    [InlineData("99999999999999999999999999999998", "99999999999999999999999999999999")]
    [InlineData("9", "99999999999999999999999999999999")]
    public void One_comes_before_the_other(string one, string other)
    {
        Assert.True(NameOrder.Compare(one, other) < 0);
        Assert.True(NameOrder.Compare(other, one) > 0);
        Assert.Equal(0, NameOrder.Compare(one, one));
    }

    [Fact]
    public void The_order_is_one_of_all_names()
    {
        string[] names = [.. HostileNames.All, "a1", "a01", "A1", "a001", "a10", "a2b", "a02B", "1", "01", "10"];
        foreach (var one in names)
        {
            foreach (var other in names)
            {
                Assert.Equal(one == other, NameOrder.Compare(one, other) == 0);
                Assert.Equal(Math.Sign(NameOrder.Compare(one, other)), -Math.Sign(NameOrder.Compare(other, one)));
                Assert.All(names, third => Assert.False(
                    NameOrder.Compare(one, other) < 0 && NameOrder.Compare(other, third) < 0 && NameOrder.Compare(one, third) >= 0, $"{one}, {other}, {third}"));
            }
        }
    }
}
