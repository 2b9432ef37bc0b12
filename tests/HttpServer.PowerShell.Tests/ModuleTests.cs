using System.Reflection;
using System.Text.RegularExpressions;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests;

/// <summary>The module as files: nothing of it is loaded.</summary>
public sealed partial class ModuleTests
{
    private static readonly string Manifest = File.ReadAllText(Path.Combine(Repository.Root, "HttpServer.psd1"));

    [Fact]
    public void The_manifest_points_to_the_built_assembly()
    {
        var assembly = AssemblyName.GetAssemblyName(Path.Combine(Repository.Root, NestedAssembly().Match(Manifest).Groups[1].Value));
        Assert.Equal("HttpServer.PowerShell", assembly.Name);
        Assert.Equal(Version.Parse(ModuleVersion().Match(Manifest).Groups[1].Value), new Version(assembly.Version!.ToString(3)));
    }

    [GeneratedRegex(@"NestedModules\s*=\s*@\('([^']+\.dll)'")]
    private static partial Regex NestedAssembly();

    [GeneratedRegex(@"ModuleVersion\s*=\s*'([^']+)'")]
    private static partial Regex ModuleVersion();
}
