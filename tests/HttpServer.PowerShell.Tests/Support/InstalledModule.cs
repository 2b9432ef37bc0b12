namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A PowerShell module that tests use if the <c>pwsh</c> of the tests has it.</summary>
internal sealed class InstalledModule
{
    public static readonly InstalledModule ScriptAnalyzer = new("PSScriptAnalyzer", 1);

    private readonly Lazy<Task<string?>> _missing;

    private InstalledModule(string name, int major) => _missing = new(() => FindMissingAsync(name, major));

    /// <summary>What is missing, in one line that says how to install it; null if nothing is.</summary>
    public Task<string?> FindMissingAsync() => _missing.Value;

    /// <summary>Skips the test where the module is not there.</summary>
    public async Task RequireAsync()
    {
        if (await FindMissingAsync() is { } missing)
            Assert.Skip(missing);
    }

    private static async Task<string?> FindMissingAsync(string name, int major)
    {
        if (PowerShellProgram.Missing is { } missing)
            return missing;
        var (_, output) = await ChildProcess.RunAsync(
            PowerShellProgram.Program,
            ["-NoProfile", "-NonInteractive", "-Command", $"(Get-Module -ListAvailable {name}).Version.Major -contains {major}"],
            TimeSpan.FromMinutes(2));
        return output.Trim() == "True"
            ? null
            : $"The module {name} {major} is not installed: Install-PSResource {name} -Version '[{major}.0, {major + 1}.0)'";
    }
}
