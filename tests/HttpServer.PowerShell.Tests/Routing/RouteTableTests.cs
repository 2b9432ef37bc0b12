using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Routing;

public sealed class RouteTableTests
{
    /// <summary>Many patterns that overlap, in no order.</summary>
    private static readonly RouteTable<string> Site = Routes.Table(
        "GET /{*rest}", "GET /api/*", "GET /{page}", "GET /api/items/{id}", "GET /api/items/{id:int}", "GET /api/items/new", "GET /",
        "GET /api/items/{id:int}/parts", "GET /api/{kind}/{id}", "GET /api/items/{name}.json", "GET /api/items/*.json", "GET /api",
        "POST /api/items", "GET /{page}/edit", "GET /docs/{*path}", "GET /docs", "GET /*/raw", "GET /{year:int}/{month:int}");

    [Theory]
    [InlineData("/", "GET /", "")]
    [InlineData("/about", "GET /{page}", "page=about")]
    [InlineData("/about/edit", "GET /{page}/edit", "page=about")]
    [InlineData("/about/raw", "GET /*/raw", "")]
    [InlineData("/about/other", "GET /{*rest}", "rest=about/other")]
    [InlineData("/2030/12", "GET /{year:int}/{month:int}", "year=2030 month=12")]
    [InlineData("/2030/edit", "GET /{page}/edit", "page=2030")]
    [InlineData("/2030/x", "GET /{*rest}", "rest=2030/x")]
    [InlineData("/api", "GET /api", "")]
    [InlineData("/API/Items/New", "GET /api/items/new", "")]
    [InlineData("/api/items/5", "GET /api/items/{id:int}", "id=5")]
    [InlineData("/api/items/x", "GET /api/items/{id}", "id=x")]
    [InlineData("/api/items/x.json", "GET /api/items/{name}.json", "name=x")]
    [InlineData("/api/items/.json", "GET /api/items/*.json", "")]
    [InlineData("/api/items/5/parts", "GET /api/items/{id:int}/parts", "id=5")]
    [InlineData("/api/items/x/parts", "GET /api/*", "")]
    [InlineData("/api/users/5", "GET /api/{kind}/{id}", "kind=users id=5")]
    [InlineData("/api/users", "GET /api/*", "")]
    [InlineData("/api/items", "GET /api/*", "")]
    [InlineData("/api/edit", "GET /api/*", "")]
    [InlineData("/docs", "GET /docs", "")]
    [InlineData("/docs/a", "GET /docs/{*path}", "path=a")]
    [InlineData("/docs/raw", "GET /docs/{*path}", "path=raw")]
    public void The_most_specific_route_answers(string path, string route, string values)
    {
        var match = Site.Find("GET", Routes.Segments(path));
        Assert.True(match.IsFound);
        Assert.Equal(route, match.Handler);
        Assert.Equal(values, Routes.Describe(match.Values));
        Assert.Empty(match.Allowed);
    }

    [Theory]
    [InlineData("GET", "GET /a")]
    [InlineData("HEAD", "GET /a")]
    [InlineData("POST", "POST /a")]
    [InlineData("PUT", "* /a")]
    [InlineData("get", "* /a")]
    [InlineData("OPTIONS", "* /a")]
    public void A_routes_own_method_wins_over_any(string method, string route)
    {
        Assert.Equal(route, Routes.Table("* /a", "POST /a", "GET /a").Find(method, ["a"]).Handler);
        Assert.Equal(route.Replace("/a", "/{x}", StringComparison.Ordinal), Routes.Table("* /{x}", "POST /{x}", "GET /{x}").Find(method, ["a"]).Handler);
    }

    [Theory]
    [InlineData("HEAD /a", "GET /a", "HEAD /a")]
    [InlineData("GET /a", "HEAD /{x}", "GET /a")]
    [InlineData("POST /a", "GET /{x}", "GET /{x}")]
    [InlineData("* /{x}", "POST /a", "* /{x}")]
    [InlineData("HEAD /{x:int}", "GET /{x}", "GET /{x}")]
    public void A_HEAD_is_a_GET_unless_the_pattern_has_a_route_for_it(string first, string second, string route)
    {
        Assert.Equal(route, Routes.Table(first, second).Find("HEAD", ["a"]).Handler);
        Assert.Equal(route, Routes.Table(second, first).Find("HEAD", ["a"]).Handler);
    }

    [Fact]
    public void A_HEAD_route_answers_no_GET() => Assert.Equal(["HEAD", "OPTIONS"], Routes.Table("HEAD /a").Find("GET", ["a"]).Allowed);

    [Theory]
    [InlineData("PUT", "/a", "PUT /{x}", "x=a")]
    [InlineData("DELETE", "/a", "DELETE /*", "")]
    [InlineData("PATCH", "/a", "* /{*y}", "y=a")]
    [InlineData("DELETE", "/", "* /{*y}", "y=")]
    [InlineData("GET", "/b", "* /{*y}", "y=b")]
    public void A_less_specific_route_answers_where_only_it_has_the_method(string method, string path, string route, string values)
    {
        var match = Routes.Table("GET /a", "PUT /{x}", "DELETE /*", "* /{*y}").Find(method, Routes.Segments(path));
        Assert.Equal(route, match.Handler);
        Assert.Equal(values, Routes.Describe(match.Values));
    }

    [Theory]
    [InlineData("DELETE", "/items/5", "GET HEAD OPTIONS PATCH POST PUT")]
    [InlineData("DELETE", "/items/new", "GET HEAD OPTIONS PATCH POST PUT")]
    [InlineData("DELETE", "/items/x", "GET HEAD OPTIONS PATCH")]
    [InlineData("GET", "/items", "OPTIONS POST")]
    [InlineData("get", "/other", "GET HEAD OPTIONS")]
    [InlineData("OPTIONS", "/other", "GET HEAD OPTIONS")]
    [InlineData("TRACE", "/items", "OPTIONS POST")]
    public void The_methods_of_all_routes_of_the_path_are_told_if_none_has_the_method(string method, string path, string allowed)
    {
        var table = Routes.Table(
            "POST /items", "PUT /items/{id:int}", "GET /items/{key:int}", "POST /Items/{id:int}", "PUT /items/new", "POST /items/new",
            "GET /items/{name}", "GET /items/*", "PATCH /items/*", "GET /other", "DELETE /elsewhere", "DELETE", "*");
        var match = table.Find(method, Routes.Segments(path));
        Assert.False(match.IsFound);
        Assert.Null(match.Handler);
        Assert.Empty(match.Values);
        Assert.Equal(allowed, string.Join(' ', match.Allowed));
    }

    [Theory]
    [InlineData("/b")]
    [InlineData("/a/b")]
    [InlineData("/")]
    [InlineData("/c/x")]
    public void Nothing_is_found_where_no_pattern_has_the_path(string path) =>
        AssertNothing(Routes.Table("* /a", "* /c/{x:int}", "*").Find("GET", Routes.Segments(path)));

    [Fact]
    public void A_path_that_the_server_refuses_has_no_route() => AssertNothing(Routes.Table("* /{*rest}", "*").Find("GET", null));

    [Fact]
    public void An_empty_table_has_no_route()
    {
        AssertNothing(Routes.Table().Find("GET", []));
        AssertNothing(Routes.Table().FindPathless("GET"));
    }

    [Theory]
    [InlineData("GET", "GET")]
    [InlineData("HEAD", "GET")]
    [InlineData("POST", "POST")]
    [InlineData("PUT", "*")]
    [InlineData("get", "*")]
    public void A_route_without_a_path_is_found_by_its_method_alone(string method, string route)
    {
        var match = Routes.Table("*", "GET", "POST", "PUT /a").FindPathless(method);
        Assert.True(match.IsFound);
        Assert.Equal(route, match.Handler);
        Assert.Empty(match.Values);
    }

    [Fact]
    public void A_route_without_a_path_for_HEAD_answers_it() =>
        Assert.Equal("HEAD", Routes.Table("GET", "HEAD", "*").FindPathless("HEAD").Handler);

    [Fact]
    public void Routes_without_a_path_are_not_there_for_other_methods() => AssertNothing(Routes.Table("GET", "* /a").FindPathless("POST"));

    [Fact]
    public void Each_route_of_one_path_has_the_parameter_names_of_its_own()
    {
        var table = Routes.Table("GET /items/{id}", "PUT /Items/{key}", "* /items/{other}");
        Assert.Equal("id=5", Routes.Describe(table.Find("GET", ["items", "5"]).Values));
        Assert.Equal("key=5", Routes.Describe(table.Find("PUT", ["items", "5"]).Values));
        Assert.Equal("other=5", Routes.Describe(table.Find("DELETE", ["items", "5"]).Values));
    }

    [Fact]
    public void Of_two_routes_for_the_same_the_first_counts()
    {
        Assert.Equal("GET /a", Routes.Table("GET /a", "GET /A/").Find("GET", ["a"]).Handler);
        Assert.Equal("GET /{x}", Routes.Table("GET /{x}", "GET /{y}").Find("GET", ["a"]).Handler);
    }

    [Fact]
    public void A_table_of_a_thousand_routes_looks_only_at_those_that_begin_as_the_path_does()
    {
        var root = new RouteNode<string>(null);
        for (var number = 0; number < 1_000; number++)
        {
            var pattern = Routes.Pattern($"/Api/{number}/{{id}}");
            root.Add(new RouteGroup<string>(pattern, new RouteMethods<string>([new("GET", pattern, pattern.Text)])));
        }

        Assert.Empty(Passed(["other", "5", "x"]));
        Assert.Empty(Passed([]));
        Assert.Empty(Passed(["api", "1000", "x"]));
        Assert.Equal(["/Api/7/{id}"], Passed(["aPI", "7", "x"]));

        List<string> Passed(string[] path)
        {
            var passed = new List<string>();
            for (var node = root.FindDeepest(path, out _); node is not null; node = node.Parent)
                passed.AddRange(node.Groups.Select(group => group.Pattern.Text));
            return passed;
        }
    }

    [Fact]
    public void Finding_a_literal_path_allocates_nothing()
    {
        var table = Routes.Table("GET /a/b", "* /a/{x}", "GET /", "GET", "GET /x/*");
        string[] path = ["A", "b"];
        string[] root = [];
        string[] other = ["x", "y"];
        string[] none = ["z"];

        FindAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = FindAll();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(500, found);

        int FindAll()
        {
            var found = 0;
            for (var turn = 0; turn < 100; turn++)
            {
                if (table.Find("GET", path).IsFound) found++;
                if (table.Find("HEAD", path).IsFound) found++;
                if (table.Find("GET", root).IsFound) found++;
                if (table.Find("GET", other).IsFound) found++;
                if (table.Find("GET", none).IsFound) found--;
                if (table.FindPathless("GET").IsFound) found++;
            }

            return found;
        }
    }

    private static void AssertNothing(RouteMatch<string> match)
    {
        Assert.False(match.IsFound);
        Assert.Null(match.Handler);
        Assert.Empty(match.Values);
        Assert.Empty(match.Allowed);
    }
}
