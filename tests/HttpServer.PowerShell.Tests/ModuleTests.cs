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
        var nested = Path.Combine(Repository.Root, NestedModule().Match(Manifest).Groups[1].Value);
        Assert.True(File.Exists(nested), nested);
        var assembly = AssemblyName.GetAssemblyName(Path.Combine(Path.GetDirectoryName(nested)!, RootModule().Match(File.ReadAllText(nested)).Groups[1].Value));
        Assert.Equal("HttpServer.PowerShell", assembly.Name);
        Assert.Equal(Version.Parse(ModuleVersion().Match(Manifest).Groups[1].Value), new Version(assembly.Version!.ToString(3)));
    }

    [GeneratedRegex(@"NestedModules\s*=\s*@\('([^']+)'\)")]
    private static partial Regex NestedModule();

    [GeneratedRegex(@"RootModule\s*=\s*'([^']+)'")]
    private static partial Regex RootModule();

    [GeneratedRegex(@"ModuleVersion\s*=\s*'([^']+)'")]
    private static partial Regex ModuleVersion();
}
