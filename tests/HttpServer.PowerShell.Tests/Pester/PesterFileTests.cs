using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Pester;

/// <summary>What Pester finds is told in full: no failure is lost on the way.</summary>
public sealed class PesterFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_test_has_its_result()
    {
        var results = await RunAsync("""
            Describe 'A thing' {
                It 'works with <a>' -ForEach @{ a = 1 } { $a | Should -Be 1 }
                It 'fails' { 1 | Should -Be 2 -Because 'I say so' }
                It 'is not run' -Skip { throw }
                It 'has no tool' { Set-ItResult -Skipped -Because 'curl is not installed' }
                Context 'without a ground' {
                    BeforeAll { throw 'no ground' }
                    It 'cannot stand' { }
                }
                Context 'with a bad end' {
                    AfterAll { throw 'bad end' }
                    It 'stands' { }
                }
            }
            """);
        Assert.Equal(
            [
                ("A thing.works with 1", "Passed"), ("A thing.fails", "Failed"), ("A thing.is not run", "Skipped"), ("A thing.has no tool", "Skipped"),
                ("A thing.without a ground.cannot stand", "Failed"), ("A thing.with a bad end.stands", "Passed"),
                ("A thing.without a ground (block)", "Failed"), ("A thing.with a bad end (block)", "Failed"),
            ],
            results.Select(result => (result.Name, result.Outcome)));
        Assert.StartsWith("Expected 2, because I say so, but got 1.\nat It 'fails'", results[1].Message, StringComparison.Ordinal);
        Assert.Equal(["", "curl is not installed"], results.Where(result => result.IsSkipped).Select(result => result.Message));
        Assert.Contains("no ground", results[4].Message, StringComparison.Ordinal);
        Assert.Contains("bad end", results[7].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Describe 'it' {", "Missing closing '}'")]
    [InlineData("[Environment]::Exit(7)", "ended with 7")]
    [InlineData("# nothing", "The file has no tests.")]
    public async Task A_file_that_does_not_run_fails(string script, string message)
    {
        var result = Assert.Single(await RunAsync(script));
        Assert.Equal(("(file)", "Failed"), (result.Name, result.Outcome));
        Assert.Contains(message, result.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<PesterResult>> RunAsync(string script)
    {
        Assert.SkipWhen(PowerShellProgram.Missing is not null, PowerShellProgram.Missing ?? "");
        return await PesterFile.RunAsync(_directory.Write("Sample.Tests.ps1", script), TestContext.Current.CancellationToken);
    }
}
