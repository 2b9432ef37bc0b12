using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests;

/// <summary>The manifest and all scripts keep the rules of the PowerShell Gallery.</summary>
public sealed class ScriptRulesTests
{
    private static readonly string[] Kinds = [".ps1", ".psm1", ".psd1"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Every_script_keeps_the_rules_of_the_gallery()
    {
        await InstalledModule.ScriptAnalyzer.RequireAsync();
        string[] scripts = ["HttpServer.psd1", "build.ps1", .. ScriptsOf("module"), .. ScriptsOf("tests")];
        await AssertSaysNothingAsync($$"""
            foreach ($script in {{string.Join(", ", scripts.Select(Quote))}}) {
                Invoke-ScriptAnalyzer -Path $script -Settings PSGallery -ErrorAction Stop |
                    ForEach-Object { "${script}:$($_.Line) $($_.RuleName): $($_.Message)" }
            }
            """);
    }

    [Fact]
    public async Task The_manifest_is_valid()
    {
        Assert.SkipWhen(PowerShellProgram.Missing is not null, PowerShellProgram.Missing ?? "");
        await AssertSaysNothingAsync("$null = Test-ModuleManifest -Path HttpServer.psd1 -ErrorAction Stop -WarningAction Stop");
    }

    private static async Task AssertSaysNothingAsync(string script)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(
            PowerShellProgram.Program,
            ["-NoProfile", "-NonInteractive", "-Command", $"Set-Location -LiteralPath {Quote(Repository.Root)}\n{script}"],
            Patience,
            TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0 && string.IsNullOrWhiteSpace(output), output);
    }

    private static IEnumerable<string> ScriptsOf(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.ps*1", SearchOption.AllDirectories)
            .Where(path => Kinds.Contains(Path.GetExtension(path)))
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
