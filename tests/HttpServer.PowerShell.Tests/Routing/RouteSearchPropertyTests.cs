using System.Text.RegularExpressions;
using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Routing;

/// <summary>Patterns against regular expressions of the same meaning, and the table against a search through a list.</summary>
public sealed class RouteSearchPropertyTests
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "OPTIONS"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_pattern_matches_what_its_expression_matches_and_reads_the_same_values(int seed)
    {
        var random = new RandomRoutes(seed);
        var matches = 0;
        for (var turn = 0; turn < 300; turn++)
        {
            var (pattern, expression) = random.NextPattern();
            for (var times = 0; times < 100; times++)
            {
                var path = random.NextPath();
                var expected = RandomRoutes.Match(expression, path);
                Assert.True(expected is not null == pattern.TryMatch(path, out var values), $"{pattern} on /{string.Join('/', path)}");
                Assert.Equal(expected is not null, pattern.Matches(path));
                if (expected is null) continue;
                matches++;
                Assert.Equal(expected, Routes.Describe(values!));
            }
        }

        Assert.True(matches > 1_000, $"Only {matches} matches.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_table_finds_what_a_search_through_all_routes_finds(int seed)
    {
        var random = new RandomRoutes(seed);
        var (found, notAllowed, nothing) = (0, 0, 0);
        for (var turn = 0; turn < 60; turn++)
        {
            var routes = Enumerable.Range(0, random.Pick(1, 5, 20, 60)).Select(_ =>
            {
                var (pattern, expression) = random.NextPattern();
                return new Route(random.Pick("GET", "GET", "POST", "HEAD", "*"), pattern, expression);
            }).ToList();
            var table = new RouteTable<Route>([.. routes.Select(route => new RouteEntry<Route>(route.Method, route.Pattern, route))]);

            for (var times = 0; times < 100; times++)
            {
                var (method, path) = (random.Pick(Methods), random.NextPath());
                var match = table.Find(method, path);
                var expected = Search(routes, method, path);
                Assert.Same(expected, match.Handler);
                Assert.Equal(expected is not null, match.IsFound);
                Assert.Equal(expected is null ? "" : RandomRoutes.Match(expected.Expression, path), Routes.Describe(match.Values));
                Assert.Equal(expected is null ? AllowedFor(routes, path) : [], match.Allowed);
                if (match.IsFound) found++;
                else if (match.Allowed.Count > 0) notAllowed++;
                else nothing++;
            }
        }

        Assert.True(Math.Min(found, Math.Min(notAllowed, nothing)) > 200, $"{found} found, {notAllowed} not allowed, {nothing} nothing.");
    }

    private static Route? Search(List<Route> routes, string method, string[] path)
    {
        string[] methods = method == "HEAD" ? ["HEAD", "GET", "*"] : [method, "*"];
        return routes.Where(route => methods.Contains(route.Method) && RandomRoutes.Match(route.Expression, path) is not null)
            .OrderBy(route => route.Pattern).ThenBy(route => Array.IndexOf(methods, route.Method)).FirstOrDefault();
    }

    private static IEnumerable<string> AllowedFor(List<Route> routes, string[] path)
    {
        var methods = routes.Where(route => RandomRoutes.Match(route.Expression, path) is not null).Select(route => route.Method).ToHashSet();
        if (methods.Count == 0) return [];
        if (methods.Contains("GET")) methods.Add("HEAD");
        return methods.Append("OPTIONS").Distinct().Order(StringComparer.Ordinal);
    }

    private sealed record Route(string Method, RoutePattern Pattern, Regex Expression);
}
