using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Routing;

public sealed class RoutePatternOrderTests
{
    [Theory]
    [InlineData("/a", "/{x}.json", "/{x}.js", "/{x:int}", "/{x}", "/", "/*", "/{*x}")]
    [InlineData("/a/b", "/a/{x}.b", "/a/{x:int}", "/a/{x}", "/a", "/a/*", "/a/{*x}")]
    [InlineData("/a/{x}", "/{x:int}/b", "/{x}/b", "/*/b", "/*", "/{*x}")]
    [InlineData("/{x}/b", "/{x}/*c", "/{x}/{y}", "/{x}/*/c", "/{x}", "/{x}/*", "/{x}/{*y}")]
    [InlineData("/a/{x}/c", "/a/{x}/{y}", "/a/{x}")]
    [InlineData("/{x:guid}", "/{x:bool}", "/{x:int}", "/{x:long}", "/{x:decimal}", "/{x:datetime}", "/{x:alpha}", "/{x}")]
    [InlineData("/v{x:int}", "/v{x:decimal}", "/v{x}", "/v*")]
    [InlineData("/{x:int}-{y:int}", "/{x:int}-{y}", "/{x}-{y:int}", "/{x}-{y}", "/{x}-*", "/*-{x}", "/*-*")]
    [InlineData("/{x}--", "/{x}-{y}-", "/{x}-{y}-*")]
    [InlineData("/aaa*", "/aa*", "/{x}a")]
    [InlineData("/a/b", "/A/c", "/b/a")]
    [InlineData("/a/*/c", "/a/*")]
    public void The_most_specific_comes_first(params string[] patterns)
    {
        var sorted = patterns.Reverse().Select(Routes.Pattern).Order().Select(pattern => pattern.Text);
        Assert.Equal(patterns, sorted);
        for (var first = 0; first < patterns.Length; first++)
        {
            for (var second = 0; second < patterns.Length; second++)
            {
                var order = Routes.Pattern(patterns[first]).CompareTo(Routes.Pattern(patterns[second]));
                Assert.Equal(first.CompareTo(second), Math.Sign(order));
            }
        }
    }

    [Fact]
    public void Any_pattern_comes_after_none() => Assert.True(Routes.Pattern("/").CompareTo(null) > 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_order_is_total(int seed)
    {
        var random = new RandomRoutes(seed);
        var patterns = Enumerable.Range(0, 80).Select(_ => random.NextPattern().Pattern).ToList();
        foreach (var first in patterns)
        {
            foreach (var second in patterns)
            {
                var order = Math.Sign(first.CompareTo(second));
                Assert.Equal(-order, Math.Sign(second.CompareTo(first)));
                Assert.Equal(order == 0, first.Canonical == second.Canonical);
                Assert.All(patterns.Where(third => order <= 0 && second.CompareTo(third) <= 0),
                    third => Assert.True(first.CompareTo(third) <= 0, $"{first} <= {second} <= {third}"));
            }
        }
    }
}
