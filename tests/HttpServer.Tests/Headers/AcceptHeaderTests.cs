using System.Text;
using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class AcceptHeaderTests
{
    [Theory]
    [InlineData("text/html", 0)]
    [InlineData("application/json", 1)]
    [InlineData("TEXT/Plain", 2)]
    [InlineData("*/*", 0)]
    [InlineData("text/*", 0)]
    [InlineData("application/*", 1)]
    [InlineData("application/json, */*", 1)]
    [InlineData("*/*, text/plain", 2)]
    [InlineData("text/plain, application/json", 1)]
    [InlineData("text/html, application/json", 0)]
    [InlineData("text/html;q=0.5, application/json;q=0.6", 1)]
    [InlineData("text/html;q=0.123, application/json;q=0.122", 0)]
    [InlineData("text/html ; Q=0.1 , text/plain ; q=0.2", 2)]
    [InlineData("text/html;q=0, */*", 1)]
    [InlineData("text/*;q=0, */*;q=0.1", 1)]
    [InlineData("text/*;q=0.9, text/html;q=0.1, application/json;q=0.5", 2)]
    [InlineData("application/json;charset=utf-8;q=0.9, text/html;q=0.8", 1)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", 0)]
    // Nothing fits: anything is better than nothing.
    [InlineData("image/png", 0)]
    [InlineData("*/*;q=0", 0)]
    // Malformed parts count as little as can be.
    [InlineData("", 0)]
    [InlineData(",;,/,*,", 0)]
    [InlineData("text/htmlx, application/jso", 0)]
    [InlineData("application/json;q=2", 1)]
    [InlineData("application/json;q=-1, text/html;q=0.5", 1)]
    [InlineData("application/json;q=0.00000000001", 1)]
    [InlineData("json", 0)]
    public void The_highest_weight_wins_and_a_name_goes_before_a_wildcard(string accept, int expected) =>
        Assert.Equal(expected, AcceptHeader.Choose(Encoding.Latin1.GetBytes(accept), ["text/html", "application/json", "text/plain"]));
}
