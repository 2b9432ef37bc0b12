using System.Text.RegularExpressions;
using System.Xml.Linq;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>What keeps a clone building the same in a year, and its tests passing on a machine with the .NET SDK alone.</summary>
public sealed partial class RepositoryRulesTests
{
    /// <summary>What each system that runs the tests has: the SDK that runs them, and the standard utilities of Unix.</summary>
    private static readonly string[] Always = ["dotnet", "sh", "/bin/sh", "env", "mkfifo", "chown", "mount", "umount"];

    [Fact]
    public void Every_version_of_a_package_is_one_version()
    {
        var files = Sources("*.csproj").Append(Path.Combine(Repository.Root, "Directory.Packages.props")).ToList();
        var versions = files.SelectMany(static file => XDocument.Load(file).Descendants()).SelectMany(static element =>
            element.Name.LocalName is "PackageReference" or "PackageVersion" or "GlobalPackageReference"
                ? element.Attributes().Where(static attribute => attribute.Name.LocalName.Contains("Version", StringComparison.Ordinal)).Select(static attribute => attribute.Value)
                : element.Name.LocalName.EndsWith("Version", StringComparison.Ordinal) && !element.HasElements ? [element.Value] : []).ToList();
        Assert.True(versions.Count > 10);
        // What is only downloaded has its version in brackets: that one and no other.
        var downloads = files.SelectMany(static file => XDocument.Load(file).Descendants("PackageDownload")).Select(static download => download.Attribute("Version")!.Value).ToList();
        Assert.NotEmpty(downloads);
        Assert.All(downloads, static version => Assert.Matches(@"^\[[^*,\]]+\]$", version));
        Assert.All(versions, static version => Assert.DoesNotMatch(@"[*\[\(,]", PropertyPattern().Replace(version, "")));
    }

    [Fact]
    public void The_folder_of_packages_may_be_named_without_a_slash_at_its_end() => Assert.All(Sources("*.csproj"),
        static file => Assert.DoesNotMatch(@"\$\(NuGetPackageRoot\)\w", File.ReadAllText(file)));

    [Fact]
    public void A_test_asks_for_an_optional_program_before_it_starts_it()
    {
        var starts = 0;
        foreach (var file in Sources("*.cs").Where(static file => file.Contains("Tests", StringComparison.Ordinal)))
        {
            var text = File.ReadAllText(file);
            foreach (var program in StartPattern().Matches(text).Concat(ScriptPattern().Matches(text)).Select(static match => match.Groups[1].Value).Distinct())
            {
                starts++;
                Assert.True(
                    Always.Contains(program) || text.Contains($"Tool.Require(\"{program}\"", StringComparison.Ordinal) || text.Contains($"Tool.Find(\"{program}\"", StringComparison.Ordinal),
                    $"{file} starts {program} without asking Tool for it.");
            }
        }

        Assert.True(starts > 5);
    }

    /// <summary>Tests of a public type, which lies in no room, are in the room that does its work.</summary>
    [Theory]
    [InlineData("src/HttpServer", "tests/HttpServer.Tests")]
    [InlineData("module", "tests/HttpServer.PowerShell.Tests")]
    public void The_tests_of_a_type_lie_in_its_room(string sources, string tests)
    {
        var rooms = Rooms(sources).Where(static file => file.Room != "").ToDictionary(static file => file.Name, static file => file.Room);
        var homes = Rooms(tests).Where(file => rooms.ContainsKey(file.Name.Replace("Tests", "", StringComparison.Ordinal)) && file.Name.EndsWith("Tests", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(homes);
        Assert.All(homes, home => Assert.Equal((home.Name, rooms[home.Name[..^"Tests".Length]]), home));
    }

    private static IEnumerable<(string Name, string Room)> Rooms(string folder) =>
        Sources("*.cs").Select(static file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(file => (Path.GetFileName(file).Split('.')[0], Path.GetDirectoryName(file[(folder.Length + 1)..])!.Replace('\\', '/')))
            .Distinct();

    private static IEnumerable<string> Sources(string pattern) =>
        new[] { "src", "module", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories))
            .Where(static file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    /// <summary>What runs a script that a test writes; <c>no-such-interpreter</c> is meant to be missing.</summary>
    [GeneratedRegex(@"#!/(?:usr/)?bin/(?:env )?(?!no-)(\w+)")]
    private static partial Regex ScriptPattern();

    [GeneratedRegex(@"\$\([^)]*\)")]
    private static partial Regex PropertyPattern();

    [GeneratedRegex("""(?:new ProcessStartInfo|Process\.Start|\bRunToolAsync|Tool\.RunAsync)\("([^"]+)"\s*[,)]""")]
    private static partial Regex StartPattern();
}
