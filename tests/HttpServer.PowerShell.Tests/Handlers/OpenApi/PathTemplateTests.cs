using Http.Server.PowerShell.Handlers.OpenApi;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Tests.Handlers.OpenApi;

/// <summary>A pattern of a route as a path of a document.</summary>
public sealed class PathTemplateTests
{
    [Theory]
    [InlineData("/", "/", "/", "")]
    [InlineData("/Items/{id:int}/", "/Items/{id}", "/ITEMS/{}", "id")]
    [InlineData("/items/{Name}", "/items/{Name}", "/ITEMS/{}", "Name")]
    [InlineData("/files/{*rest}", "/files/{rest}", "/FILES/{}", "rest...")]
    [InlineData("/img/*", "/img/{any}", "/IMG/{}", "any...")]
    [InlineData("/*/{any}/*.png", "/{any2}/{any}/{any3}.png", "/{}/{}/{}.PNG", "any2 any any3")]
    [InlineData("/{year:int}-{month}.json", "/{year}-{month}.json", "/{}-{}.JSON", "year month")]
    [InlineData("/a b/{{x}}", "/a%20b/%7Bx%7D", "/A%20B/%7BX%7D", "")]
    [InlineData("/ü/%3F%23%25", "/%C3%BC/%3F%23%25", "/%C3%BC/%3F%23%25", "")]
    [InlineData("/v1/items:batch@(a)", "/v1/items:batch@(a)", "/V1/ITEMS:BATCH@(A)", "")]
    public void Each_part_that_varies_is_a_parameter(string pattern, string text, string shape, string parameters)
    {
        Assert.True(RoutePattern.TryParse(pattern, out var parsed, out _));
        Check(new PathTemplate(parsed), text, shape, parameters);
    }

    [Fact]
    public void Every_path_is_one_parameter() => Check(new PathTemplate(null), "/{path}", "/{}", "path...");

    private static void Check(PathTemplate template, string text, string shape, string parameters) => Assert.Equal(
        (text, shape, parameters),
        (template.Text, template.Shape, string.Join(' ', template.Parameters.Select(parameter => parameter.Name + (parameter.TakesSegments ? "..." : "")))));
}
