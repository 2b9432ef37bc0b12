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

    /// <summary>Whatever the text, and whatever the placeholders look for in it: looking grows with its length, and with nothing else.</summary>
    [Theory]
    [InlineData("a", "a")]
    [InlineData("ab", "a")]
    [InlineData("a", "A")]
    [InlineData("a-", "-")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", "a")]
    [InlineData("1", "1")]
    [InlineData("1-", "-")]
    [InlineData("-", "-")]
    [InlineData("a", "aaaaaaaaaaaaaaaaaaaa")]
    public void A_text_of_twice_the_length_takes_twice_the_steps(string repeated, string literal)
    {
        RouteConstraint[] kinds = [RouteConstraint.None, RouteConstraint.Alpha, RouteConstraint.Int];
        foreach (var (one, other, end) in from one in kinds from other in kinds from end in new[] { "", "?" } select (one, other, end))
        {
            RoutePlaceholder[] placeholders = [new("a", one), new("b", other), new("c", one), new("d", other)];
            var (once, twice) = (Count(1_000), Count(2_000));
            Assert.True(twice <= (once * 2.1) + 500, $"{one} and {other}, '{end}': {once} steps for 1,000 characters, {twice} for 2,000.");

            int Count(int length)
            {
                var text = string.Concat(Enumerable.Repeat(repeated, length / repeated.Length)) + end;
                SegmentSplitter.TrySplit(text, ["", literal, literal, literal, ""], placeholders, new int[4], out var steps);
                return steps;
            }
        }
    }

    /// <summary>All ways of dividing short texts are tried: what is found is what a search without marks finds.</summary>
    [Fact]
    public void A_text_is_divided_as_by_trying_everything()
    {
        var random = new Random(1);
        string[] literals = ["", "a", "-", ""];
        RoutePlaceholder[] kinds = [Anything, Letters, Number, new(null, RouteConstraint.None)];
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => "aAb-15"[random.Next(6)]));
            RoutePlaceholder[] placeholders = [kinds[random.Next(4)], kinds[random.Next(4)], kinds[random.Next(4)]];
            var ends = new int[3];
            var expected = Search(text, literals, placeholders, 0, 0);
            Assert.Equal(expected is not null, SegmentSplitter.TrySplit(text, literals, placeholders, ends));
            if (expected is not null)
                Assert.Equal(expected, ends);
        }
    }

    private static int[]? Search(string text, string[] literals, RoutePlaceholder[] placeholders, int index, int start)
    {
        if (index == placeholders.Length - 1)
            return placeholders[index].Accepts(text.AsSpan(start)) ? [text.Length] : null;
        for (var end = text.Length; end >= start; end--)
        {
            if (placeholders[index].Accepts(text.AsSpan(start, end - start)) && text.AsSpan(end).StartsWith(literals[index + 1], StringComparison.OrdinalIgnoreCase)
                && Search(text, literals, placeholders, index + 1, end + literals[index + 1].Length) is { } rest)
                return [end, .. rest];
        }

        return null;
    }
}
