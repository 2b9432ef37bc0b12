using System.Text.RegularExpressions;

namespace Http.Server.Host.Tests;

/// <summary>The host stands at the end: it uses the module and the library, and nothing of it is used by them or by the command line.</summary>
public sealed class ArchitectureTests
{
    [Theory]
    [InlineData("src/HttpServer")]
    [InlineData("src/HttpServer.Cli")]
    [InlineData("module")]
    public void Nothing_of_the_host_is_referenced(string project)
    {
        var folder = Path.Combine(DotnetSdk.Repository, project);
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(folder, "*.csproj"))
            .Where(file => !Regex.IsMatch(Path.GetRelativePath(folder, file), @"^(bin|obj)[\\/]")).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.DoesNotMatch(@"HttpServer\.Host\b|Http\.Server\.Host\b|Microsoft\.PowerShell\.SDK", File.ReadAllText(file)));
    }
}
