using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Pester;

/// <summary>
/// The tests of the module in a real PowerShell, tests/Module, as tests among these: each <c>It</c> is one. They run when they are
/// asked for, not when tests are only listed.
/// </summary>
public sealed class PesterTests
{
    /// <summary>Files at once; each may start a handful of processes.</summary>
    private const int Together = 2;

    public static async Task<IReadOnlyCollection<TheoryDataRow<PesterResult?>>> ResultsAsync()
    {
        if (PowerShellProgram.Missing is { } missing)
            return [new TheoryDataRow<PesterResult?>(null) { TestDisplayName = "tests/Module", Label = "", Skip = missing }];
        var paths = Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Module"), "*.Tests.ps1").Order(StringComparer.Ordinal).ToArray();
        var results = new IReadOnlyList<PesterResult>[paths.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForAsync(0, paths.Length, options, async (index, cancellationToken) =>
            results[index] = await PesterFile.RunAsync(paths[index], cancellationToken));
        return [.. paths.Zip(results).SelectMany(file => file.Second.Select(result => new TheoryDataRow<PesterResult?>(result)
        {
            TestDisplayName = $"{Path.GetFileName(file.First)}: {result.Name}",
            // The name says it all; the arguments need not follow it.
            Label = "",
            Skip = result.IsSkipped ? result.Message is { Length: > 0 } reason ? reason : "Pester skips it, and gives no reason." : null,
        }))];
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(ResultsAsync))]
    public void Pester(PesterResult? result) => Assert.True(result?.Outcome == "Passed", result?.Message);
}
