using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Tests.Support;

internal static class Routes
{
    public static RoutePattern Pattern(string text)
    {
        Assert.True(RoutePattern.TryParse(text, out var pattern, out var problem), problem);
        Assert.Null(problem);
        return pattern!;
    }

    /// <summary>The segments of a decoded path, as the server gives them.</summary>
    public static string[] Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A table of routes such as <c>GET /items/{id}</c>, or <c>GET</c> for one without a path; each is its own handler.</summary>
    public static RouteTable<string> Table(params string[] routes) => new([.. routes.Select(route =>
    {
        var parts = route.Split(' ', 2);
        return new RouteEntry<string>(parts[0], parts.Length == 2 ? Pattern(parts[1]) : null, route);
    })]);

    /// <summary>Values such as <c>a=1 b=2</c>, in the order of the parameters.</summary>
    public static string Describe(IReadOnlyDictionary<string, string> values) =>
        string.Join(' ', values.Select(pair => $"{pair.Key}={pair.Value}"));
}
