using System.Text.Json;
using System.Text.RegularExpressions;
using Http.Server.Cli.Tests.Support;
using Http.Server.Hosting;

namespace Http.Server.Cli.Tests;

/// <summary>The schema of configuration files in the repository is that of the table of settings, and of the program's options.</summary>
public sealed partial class ConfigSchemaTests
{
    private static readonly string File = Path.Combine(ServerProgram.Repository, "docs", "httpserver.schema.json");

    [Fact]
    public async Task The_file_is_what_the_table_gives() => Assert.True(
        SettingsSchema.Make() == (await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"),
        "The table of settings has changed: run 'dotnet run --project src/HttpServer.Generators -- schema' and look at what it changes.");

    [Fact]
    public async Task The_file_is_what_the_program_prints()
    {
        var result = await ServerProgram.RunAsync("--config-schema");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        var expected = await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken);
        Assert.Equal(expected.ReplaceLineEndings("\n"), result.Output.ReplaceLineEndings("\n"));
    }

    /// <summary>The help knows the options from another side.</summary>
    [Fact]
    public async Task It_has_exactly_the_options_of_the_help_and_switches_are_boolean()
    {
        var help = (await ServerProgram.RunAsync("--help")).Output;
        var options = LongOption().Matches(help).ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);
        string[] left = ["config", "config-schema", "help", "version"];
        Assert.All(left, name => Assert.True(options.Remove(name), name));
        using var schema = JsonDocument.Parse(await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken));
        var properties = schema.RootElement.GetProperty("properties").EnumerateObject().ToDictionary(static property => property.Name, static property => property.Value);
        Assert.Equal(options.Keys.Append("$schema").Append("port").Order(StringComparer.Ordinal), properties.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in options)
        {
            Assert.Equal(value == "", properties[name].GetProperty("type").ToString() == "boolean");
            Assert.Equal(value is "SECONDS" or "COUNT", properties[name].GetProperty("type").ToString() == "integer");
            Assert.Equal(value.Contains('|'), properties[name].TryGetProperty("enum", out _));
        }
    }

    /// <summary>Names in it are relative to the file; those of --spa are relative to the directory.</summary>
    [Fact]
    public async Task Paths_are_marked()
    {
        using var schema = JsonDocument.Parse(await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken));
        var paths = schema.RootElement.GetProperty("properties").EnumerateObject()
            .Where(static property => property.Value.TryGetProperty("format", out var format) && format.GetString() == "path").Select(static property => property.Name);
        Assert.Subset(paths.ToHashSet(), new HashSet<string>(["directory", "log", "tls-cert", "tls-key", "tls-password-file", "auth-file"]));
        Assert.DoesNotContain("spa", paths);
    }

    [GeneratedRegex(@"^ +(?:-\S, )*--([a-z-]+)(?: <([^>]+)>)?", RegexOptions.Multiline)]
    private static partial Regex LongOption();
}
