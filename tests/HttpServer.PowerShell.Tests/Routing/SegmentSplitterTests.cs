using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Tests.Routing;

public sealed class SegmentSplitterTests
{
    private static readonly RoutePlaceholder Anything = new("a", RouteConstraint.None);
    private static readonly RoutePlaceholder Letters = new("b", RouteConstraint.Alpha);
    private static readonly RoutePlaceholder Number = new("c", RouteConstraint.Int);

    [Fact]
    public void The_ends_are_those_of_the_values_within_the_text()
    {
        var ends = new int[3];
        Assert.True(SegmentSplitter.TrySplit("a-b-c.5", ["", "-", ".", ""], [Anything, Letters, Number], ends));
        Assert.Equal([3, 5, 7], ends);
    }

    /// <summary>A search that goes back and tries again would not end in a lifetime.</summary>
    [Theory]
    [InlineData(10_000)]
    [InlineData(20_001)]
    public void A_long_hostile_text_is_divided_or_refused_all_the_same(int length)
    {
        var text = new string('a', length);
        string[] literals = ["", "a", "a", "a", "a", "a", ""];
        var ends = new int[6];

        Assert.False(SegmentSplitter.TrySplit(text, literals, [Anything, Letters, Anything, Letters, Anything, Number], ends));
        Assert.False(SegmentSplitter.TrySplit(text, literals, [Letters, Letters, Letters, Letters, Number, Letters], ends));
        Assert.True(SegmentSplitter.TrySplit(text + "5", literals, [Anything, Letters, Anything, Letters, Anything, Number], ends));
        Assert.Equal([length - 9, length - 7, length - 5, length - 3, length - 1, length + 1], ends);
    }

    [Fact]
    public void Marks_left_in_a_rented_array_do_no_harm()
    {
        string[] literals = ["", "-", ""];
        Assert.True(SegmentSplitter.TrySplit(new string('-', 9_000), literals, [Anything, Anything], []));
        Assert.False(SegmentSplitter.TrySplit(new string('x', 9_000), literals, [Anything, Anything], []));
        Assert.False(SegmentSplitter.TrySplit("-" + new string('x', 8_999), literals, [Anything, Anything], []));
    }
}
