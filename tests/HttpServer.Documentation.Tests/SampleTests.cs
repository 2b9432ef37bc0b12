using Http.Server.Documentation.Tests.Support;

namespace Http.Server.Documentation.Tests;

/// <summary>Samples and commands that are marked with <c>runs</c> do what the documents say, with the files of their section.</summary>
public sealed class SampleTests(CSharpSamples samples)
{
    public static TheoryData<string, string> Sections => [.. Document.All.SelectMany(static document => document.Sections
        .Where(static section => section.Fences.Any(static fence => fence.Runs))
        .Select(section => (document.Name, section.Heading)))];

    [Theory]
    [MemberData(nameof(Sections))]
    public async Task What_is_marked_runs(string name, string heading)
    {
        using var run = new SampleRun(name, samples);
        var section = Document.All.Single(document => document.Name == name).Sections.Single(section => section.Heading == heading);
        foreach (var fence in section.Fences.Where(static fence => fence.Runs || fence.File is not null))
            await run.RunAsync(fence);
    }

    [Fact]
    public void README_has_a_sample_of_each_kind()
    {
        var fences = Document.All.Single(static document => document.Name == "README.md").Sections.SelectMany(static section => section.Fences);
        Assert.Equal(["console", "csharp", "powershell"], fences.Where(static fence => fence.Runs).Select(static fence => fence.Language).Distinct().Order());
    }

    [Fact]
    public void The_commands_of_README_name_what_is_there()
    {
        var fences = Document.All.Single(static document => document.Name == "README.md").Sections.SelectMany(static section => section.Fences);
        Assert.Equal("dotnet run -c Release --project src/HttpServer.Host\ndotnet test", fences.First().Text);
        Assert.True(Directory.Exists(Path.Combine(Build.Root, "src", "HttpServer.Host")));
    }
}
