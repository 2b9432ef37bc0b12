using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Routing;

public sealed class RoutePatternTests
{
    [Theory]
    [InlineData("/", "/", "")]
    [InlineData("/a", "/a", "")]
    [InlineData("/a/", "/a", "")]
    [InlineData("//a//b//", "/a/b", "")]
    [InlineData("/Items", "/iTEMS", "")]
    [InlineData("/ärger", "/ÄRGER", "")]
    [InlineData("/a%20b", "/a b", "")]
    [InlineData("/a b", "/a b", "")]
    [InlineData("/%C3%A4", "/ä", "")]
    [InlineData("/%f0%9f%90%99", "/🐙", "")]
    [InlineData("/a%2520b", "/a%20b", "")]
    [InlineData("/%3F%23%2A", "/?#*", "")]
    [InlineData("/{{a}}", "/{a}", "")]
    [InlineData("/{{{a}}}", "/{1}", "a=1")]
    [InlineData("/%7Ba%7D", "/{a}", "")]
    [InlineData("/a+b", "/a+b", "")]
    [InlineData("/v1/items:batch", "/v1/items:batch", "")]
    [InlineData("/%3Aid", "/:id", "")]
    [InlineData("/.well-known", "/.well-known", "")]
    [InlineData("/{id}", "/5", "id=5")]
    [InlineData("/{id}", "/a b", "id=a b")]
    [InlineData("/items/{id}/parts/{part}", "/items/5/PARTS/x", "id=5 part=x")]
    [InlineData("/{id:int}", "/-5", "id=-5")]
    [InlineData("/{id:INT}", "/5", "id=5")]
    [InlineData("/{when:datetime}", "/2030-12-31", "when=2030-12-31")]
    [InlineData("/{*rest}", "/", "rest=")]
    [InlineData("/{*rest}", "/a/b/c", "rest=a/b/c")]
    [InlineData("/files/{*rest}", "/files", "rest=")]
    [InlineData("/files/{*rest}", "/files/a", "rest=a")]
    [InlineData("/{who}/{*rest}/", "/me/a/b", "who=me rest=a/b")]
    [InlineData("/{name}.json", "/a.json", "name=a")]
    [InlineData("/{name}.json", "/a.json.JSON", "name=a.json")]
    [InlineData("/v{major:int}.{minor:int}", "/V1.20", "major=1 minor=20")]
    [InlineData("/{name}.{extension}", "/a.tar.gz", "name=a.tar extension=gz")]
    [InlineData("/{id:int}-{name}", "/5-hello-world", "id=5 name=hello-world")]
    [InlineData("/{name}-{id:int}", "/hello-world-5", "name=hello-world id=5")]
    [InlineData("/{name}-{id:int}", "/a--5", "name=a- id=5")]
    [InlineData("/{from:datetime}-{to:datetime}", "/2030-01-01-2030-02-02", "from=2030-01-01 to=2030-02-02")]
    [InlineData("/{a}-{b}", "/---", "a=- b=-")]
    [InlineData("/{a:alpha}--{b}", "/x---y", "a=x b=-y")]
    [InlineData("/{a}Xx{b}", "/1xX2xx3", "a=1xX2 b=3")]
    [InlineData("/{a}.*", "/x.y.z", "a=x.y")]
    [InlineData("/{a}.*", "/x.", "a=x")]
    [InlineData("/*.json", "/.json", "")]
    [InlineData("/*.json", "/a.b.JSON", "")]
    [InlineData("/a*b*c", "/abc", "")]
    [InlineData("/a*b*c", "/a-bbcb-c", "")]
    [InlineData("/a*", "/a", "")]
    [InlineData("/*/b", "/a/b", "")]
    [InlineData("/api/*", "/api/a", "")]
    [InlineData("/api/*", "/api/a/b", "")]
    [InlineData("/api/*/", "/api/a/b", "")]
    [InlineData("/*", "/a/b/c", "")]
    [InlineData("/{id}/*", "/5/a/b", "id=5")]
    public void A_path_matches_and_gives_its_values(string pattern, string path, string values)
    {
        Assert.True(Routes.Pattern(pattern).TryMatch(Routes.Segments(path), out var read));
        Assert.Equal(values, Routes.Describe(read!));
    }

    [Theory]
    [InlineData("/", "/a")]
    [InlineData("/a", "/")]
    [InlineData("/a", "/b")]
    [InlineData("/a", "/a/b")]
    [InlineData("/a/b", "/a")]
    [InlineData("/a", "/aa")]
    [InlineData("/strasse", "/straße")]
    [InlineData("/a%20b", "/a%20b")]
    [InlineData("/a+b", "/a b")]
    [InlineData("/{id}", "/")]
    [InlineData("/{id}", "/a/b")]
    [InlineData("/{id:int}", "/a")]
    [InlineData("/{id:bool}", "/1")]
    [InlineData("/{name}.json", "/.json")]
    [InlineData("/{name}.json", "/a.jso")]
    [InlineData("/{name}.json", "/json")]
    [InlineData("/aba{x}aba", "/aba")]
    [InlineData("/aba*aba", "/ababa")]
    [InlineData("/v{major:int}.{minor:int}", "/v1.x")]
    [InlineData("/v{major:int}.{minor:int}", "/v.1")]
    [InlineData("/v{major:int}.{minor:int}", "/v1.")]
    [InlineData("/{a}-{b}", "/--")]
    [InlineData("/{a}-{b}", "/ab")]
    [InlineData("/{a:alpha}-{b}", "/a1-b")]
    [InlineData("/*.json", "/a/b.json")]
    [InlineData("/a*b*c", "/acb")]
    [InlineData("/*/b", "/b")]
    [InlineData("/*/b", "/a/a/b")]
    [InlineData("/a*", "/a/b")]
    [InlineData("/*", "/")]
    [InlineData("/api/*", "/api")]
    [InlineData("/api/*", "/apis/a")]
    [InlineData("/files/{*rest}", "/other")]
    [InlineData("/files/{*rest}", "/")]
    public void A_path_does_not_match(string pattern, string path)
    {
        Assert.False(Routes.Pattern(pattern).TryMatch(Routes.Segments(path), out var values));
        Assert.Null(values);
    }

    [Fact]
    public void Values_are_found_by_name_in_any_case_also_where_only_an_IDictionary_is_seen()
    {
        Assert.True(Routes.Pattern("/{Id}").TryMatch(["5"], out var values));
        Assert.Equal("5", values!["iD"]);
        Assert.Equal("5", Assert.IsType<System.Collections.IDictionary>(values, exactMatch: false)["ID"]);
    }

    [Fact]
    public void Matches_without_parameters_share_values_that_cannot_be_written_to()
    {
        Assert.True(Routes.Pattern("/a").TryMatch(["a"], out var first));
        Assert.True(Routes.Pattern("/*").TryMatch(["b"], out var second));
        Assert.Same(first, second);
        Assert.Throws<NotSupportedException>(() => ((IDictionary<string, string>)first!).Add("a", "b"));
    }

    [Theory]
    [InlineData("", "does not start with '/'")]
    [InlineData("items", "write the path from the root on")]
    [InlineData("http://localhost/items", "does not start with '/'")]
    [InlineData("/a?b=c", "write '%3F'")]
    [InlineData("/a?", "begins the query")]
    [InlineData("/{id?}", "one pattern with it and one without")]
    [InlineData("/a#b", "write '%23'")]
    [InlineData("/{id", "write '{name}' for a parameter, '{{'")]
    [InlineData("/{a/b}", "is not closed in '{a'")]
    [InlineData("/a}", "write '}}'")]
    [InlineData("/{a}}", "write '}}'")]
    [InlineData("/{}", "'{}' without a name: write '{name}'")]
    [InlineData("/{:int}", "'{:int}' without a name")]
    [InlineData("/{*}", "'{*}' without a name: write '{*rest}'")]
    [InlineData("/{1a}", "does not start with a digit")]
    [InlineData("/{a-b}", "'{a-b}': a name is letters, digits and '_'")]
    [InlineData("/{ a}", "a name is letters")]
    [InlineData("/{**a}", "a name is letters")]
    [InlineData("/{a=5}", "a name is letters")]
    [InlineData("/{a:float}", "'{a:float}' with a constraint that does not exist: write one of int, long, guid, bool, decimal, datetime, alpha")]
    [InlineData("/{a:}", "write one of int,")]
    [InlineData("/{a:int:long}", "write one of int,")]
    [InlineData("/{a:3}", "write one of int,")]
    [InlineData("/{*a:int}", "has no constraint: write '{*a}'")]
    [InlineData("/{*a}/b", "goes on after '{*a}'")]
    [InlineData("/x{*a}", "make that a segment of its own")]
    [InlineData("/{*a}x", "make that a segment of its own")]
    [InlineData("/{*a}-{b}", "make that a segment of its own")]
    [InlineData("/{b}-{*a}", "make that a segment of its own")]
    [InlineData("/{a}{b}", "side by side in '{a}{b}'")]
    [InlineData("/{a}*", "side by side")]
    [InlineData("/*{a}", "side by side")]
    [InlineData("/a/**", "one '*' alone")]
    [InlineData("/{a}/{A}", "two parameters of the name 'A'")]
    [InlineData("/{a}-{a}", "two parameters of the name 'a'")]
    [InlineData("/{a}/{*a}", "two parameters of the name 'a'")]
    [InlineData("/50%", "write '%25'")]
    [InlineData("/%4", "write '%25'")]
    [InlineData("/%zz", "write '%25'")]
    [InlineData("/% 1", "write '%25'")]
    [InlineData("/%ff", "'%ff', which is not UTF-8")]
    [InlineData("/%C3x%A4", "'%C3', which is not UTF-8")]
    [InlineData("/a%2Fb", "write '/' between segments")]
    [InlineData("/a%00", "a slash or a NUL")]
    [InlineData("/a/../b", "'..', which no request's path has")]
    [InlineData("/./b", "'.', which no request's path has")]
    [InlineData("/%2E%2e", "which no request's path has")]
    [InlineData("/users/:id", "write a parameter as '{id}', and text that starts with a colon as '%3Aid'")]
    public void What_is_wrong_with_a_pattern_is_told_with_its_remedy(string text, string remedy)
    {
        Assert.False(RoutePattern.TryParse(text, out var pattern, out var problem));
        Assert.Null(pattern);
        Assert.StartsWith($"The pattern '{text}' ", problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
        Assert.Contains(remedy, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "///")]
    [InlineData("/a", "//A/")]
    [InlineData("/Items/{id}", "/items/{key}")]
    [InlineData("/a%20b", "/A b")]
    [InlineData("/ä", "/%C3%84")]
    [InlineData("/%68i", "/Hi")]
    [InlineData("/{{a}}", "/%7BA%7D")]
    [InlineData("/{a:int}.X", "/{b:INT}.x")]
    [InlineData("/{*a}", "/{*b}/")]
    [InlineData("/A*/*", "/a*/*/")]
    public void Patterns_that_match_the_same_have_one_canonical_text(string first, string second)
    {
        Assert.Equal(Routes.Pattern(first).Canonical, Routes.Pattern(second).Canonical);
        Assert.Equal(0, Routes.Pattern(first).CompareTo(Routes.Pattern(second)));
        Assert.Equal(second, Routes.Pattern(second).Text);
    }

    [Theory]
    [InlineData("/", "/{*a}")]
    [InlineData("/a", "/b")]
    [InlineData("/a/b", "/ab")]
    [InlineData("/{a}", "/{a:int}")]
    [InlineData("/{a:long}", "/{a:int}")]
    [InlineData("/{a}", "/{{a}}")]
    [InlineData("/{a}", "/{{}}")]
    [InlineData("/{a}", "/*")]
    [InlineData("/{*a}", "/*")]
    [InlineData("/*", "/%2A")]
    [InlineData("/%2A", "/%252A")]
    [InlineData("/{a}x", "/x{a}")]
    [InlineData("/*x", "/{a}x")]
    public void Patterns_that_match_differently_have_different_canonical_texts(string first, string second)
    {
        Assert.NotEqual(Routes.Pattern(first).Canonical, Routes.Pattern(second).Canonical);
        Assert.NotEqual(0, Routes.Pattern(first).CompareTo(Routes.Pattern(second)));
    }

    [Fact]
    public void The_canonical_text_folds_case_as_the_comparison_of_paths_does()
    {
        for (var code = 1; code <= char.MaxValue; code++)
        {
            var letter = ((char)code).ToString();
            if ("/%?#*{}.".Contains(letter, StringComparison.Ordinal)) continue;
            var (same, upper) = (Routes.Pattern("/" + letter), letter.ToUpperInvariant());
            Assert.Equal(letter.Equals(upper, StringComparison.OrdinalIgnoreCase), same.Canonical == "/" + upper);
            Assert.Equal(same.Matches([upper]), same.Canonical == "/" + upper);
        }
    }

    [Fact]
    public void Nothing_is_allocated_for_a_path_that_does_not_match_or_has_no_values()
    {
        RoutePattern[] patterns = [.. new[] { "/a/b", "/{a:int}/b", "/{a:int}-{b:int}/b", "/*/b", "/x/*" }.Select(Routes.Pattern)];
        string[][] paths = [["a", "b"], ["a"], ["x", "y"], ["1-x", "b"], [new string('-', 300), "b"]];

        MatchAll(patterns, paths);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var matches = MatchAll(patterns, paths);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(5, matches);
    }

    private static int MatchAll(RoutePattern[] patterns, string[][] paths)
    {
        var matches = 0;
        foreach (var pattern in patterns)
        {
            foreach (var path in paths)
            {
                if (pattern.TryMatch(path, out _)) matches++;
            }
        }

        return matches;
    }
}
