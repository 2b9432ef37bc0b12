using Http.Server.PowerShell.Handlers.Output;

namespace Http.Server.PowerShell.Tests.Handlers.Output;

/// <summary>The form that a client asks for.</summary>
public sealed class OutputChoiceTests
{
    [Theory]
    [InlineData(null, "Json")]
    [InlineData("", "Json")]
    [InlineData("*/*", "Json")]
    [InlineData("*/*;q=0.1", "Json")]
    [InlineData("application/*", "Json")]
    [InlineData("application/json, text/plain, */*", "Json")]
    [InlineData("application/json, text/javascript, */*; q=0.01", "Json")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "Html")]
    [InlineData("text/html, application/json", "Json")]
    [InlineData("text/html;q=0.5, application/json;q=0.4", "Html")]
    [InlineData("TEXT/CSV", "Csv")]
    [InlineData("text/csv, */*", "Csv")]
    [InlineData("text/csv;q=0.9, */*", "Json")]
    [InlineData("text/csv;header=present;q=0.5, text/plain;q=0.6", "Text")]
    [InlineData("application/xml", "Xml")]
    [InlineData("text/xml", "Xml")]
    [InlineData("text/*", "Html")]
    [InlineData("text/*, text/html;q=0", "Text")]
    [InlineData("image/png", "Json")]
    [InlineData("nonsense;;q=x,,/", "Json")]
    [InlineData("application/json;q=0, */*", "Html")]
    [InlineData("image/png, application/json;q=0", null)]
    [InlineData("*/*;q=0", null)]
    [InlineData("application/*;q=0.0", null)]
    public void By_accept(string? accept, string? form) => Assert.Equal(form, OutputChoice.Choose(accept)?.ToString());

    [Theory]
    [InlineData("json", "Json")]
    [InlineData("CSV", "Csv")]
    [InlineData("html", "Html")]
    [InlineData("text", "Text")]
    [InlineData("xml", "Xml")]
    [InlineData("", null)]
    [InlineData("1", null)]
    [InlineData("-1", null)]
    [InlineData("json,xml", null)]
    [InlineData(" json", null)]
    [InlineData("yaml", null)]
    public void By_name(string name, string? form) => Assert.Equal(form, OutputChoice.Find(name)?.ToString());
}
