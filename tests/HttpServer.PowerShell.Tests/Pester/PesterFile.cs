using System.Text.Json;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Pester;

/// <summary>A file of Pester tests, run in a <c>pwsh</c> of its own.</summary>
internal static class PesterFile
{
    /// <summary>After this long a file hangs: the longest took 3 minutes in a PowerShell that is not compiled ahead of time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>Runs a file.</summary>
    /// <returns>A result for each test; one that failed if the run itself did.</returns>
    public static async Task<IReadOnlyList<PesterResult>> RunAsync(string path, CancellationToken cancellationToken)
    {
        var report = Path.GetTempFileName();
        try
        {
            var (exitCode, output) = await ChildProcess.RunAsync(
                PowerShellProgram.Program,
                [
                    "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass",
                    "-File", Path.Combine(Repository.Root, "tests", "HttpServer.PowerShell.Tests", "Pester", "Invoke-PesterFile.ps1"),
                    path, report, Path.Combine(PowerShellProgram.BuiltFolder, "Modules", "Pester"),
                ],
                Patience,
                cancellationToken);
            if (exitCode != 0 || new FileInfo(report).Length == 0)
                return [Failure($"pwsh ended with {exitCode} and said:\n{output}")];
            await using var file = File.OpenRead(report);
            var results = await JsonSerializer.DeserializeAsync<List<PesterResult>>(file, cancellationToken: cancellationToken);
            return results is { Count: > 0 } ? results : [Failure("The file has no tests.")];
        }
        catch (TimeoutException exception)
        {
            return [Failure(exception.Message)];
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static PesterResult Failure(string message) => new("(file)", "Failed", message);
}
