using Http.Server.Documentation.Tests.Support;

namespace Http.Server.Documentation.Tests;

/// <summary>Links within the repository lead to what is there. Addresses of other sites are not asked for.</summary>
public sealed class LinkTests
{
    /// <summary>Most bytes of README: one page that is read in a few minutes.</summary>
    private const int MaxReadme = 10 * 1024;

    public static TheoryData<string> Names => [.. Document.All.Select(static document => document.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_link_leads_to_a_file_and_a_heading(string name)
    {
        var document = Document.All.Single(document => document.Name == name);
        var faults = document.Links.Select(link => (link.Line, link.Target, Fault: FindFault(document, link.Target)));
        Assert.All(faults, link => Assert.True(link.Fault is null, $"{name}:{link.Line}: {link.Target}: {link.Fault}"));
    }

    [Fact]
    public void README_leads_to_each_document()
    {
        var readme = Document.All.Single(static document => document.Name == "README.md");
        var linked = readme.Links.Select(static link => link.Target.Split('#')[0]).ToHashSet();
        Assert.All(Document.All.Select(static document => document.Name).Where(static name => name != "README.md"), name => Assert.Contains(name, linked));
    }

    [Fact]
    public void The_table_of_rooms_has_each_room()
    {
        var library = Path.Combine(Build.Root, "src", "HttpServer");
        var text = File.ReadAllText(Path.Combine(Build.Root, "docs", "architecture.md"));
        var rooms = Directory.EnumerateDirectories(library, "*", SearchOption.AllDirectories)
            .Where(static folder => Directory.EnumerateFiles(folder, "*.cs").Any())
            .Select(folder => Path.GetRelativePath(library, folder).Replace('\\', '/'))
            .Where(static room => !room.StartsWith("obj", StringComparison.Ordinal) && !room.StartsWith("bin", StringComparison.Ordinal));
        Assert.All(rooms, room => Assert.Contains($"`{room}/`", text));
    }

    [Fact]
    public void README_is_short() => Assert.InRange(new FileInfo(Path.Combine(Build.Root, "README.md")).Length, 1, MaxReadme);

    [Theory]
    [InlineData("README.md", "docs/none.md", "no such file")]
    [InlineData("README.md", "docs/limits.md#nowhere", "no such heading")]
    [InlineData("docs/limits.md", "#nowhere", "no such heading")]
    [InlineData("docs/limits.md", "docs/limits.md", "no such file")]
    [InlineData("docs/limits.md", "../../README.md", "outside the repository")]
    [InlineData("docs/limits.md", "../README.md", null)]
    [InlineData("docs/limits.md", "#validators", null)]
    [InlineData("README.md", "docs/limits.md#validators", null)]
    [InlineData("README.md", "https://example.com/none", null)]
    [InlineData("README.md", "docs/images/listing.png", null)]
    public void A_wrong_link_is_seen(string from, string target, string? fault) =>
        Assert.Equal(fault, FindFault(Document.All.Single(document => document.Name == from), target));

    private static string? FindFault(Document from, string target)
    {
        if (Uri.TryCreate(target, UriKind.Absolute, out _))
            return null;
        var parts = target.Split('#', 2);
        var path = parts[0] == "" ? from.Name : Path.Combine(Path.GetDirectoryName(from.Name)!, Uri.UnescapeDataString(parts[0]));
        var full = Path.GetFullPath(path, Build.Root);
        var name = Path.GetRelativePath(Build.Root, full).Replace('\\', '/');
        if (name.StartsWith("../", StringComparison.Ordinal))
            return "outside the repository";
        if (!File.Exists(full) && !Directory.Exists(full))
            return "no such file";
        return parts.Length == 2 && Document.All.FirstOrDefault(document => document.Name == name)?.HasAnchor(parts[1]) != true ? "no such heading" : null;
    }
}
