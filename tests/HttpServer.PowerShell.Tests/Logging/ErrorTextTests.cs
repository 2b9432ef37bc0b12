using System.Management.Automation;
using Http.Server.PowerShell.Logging;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Logging;

/// <summary>An error in one line that says where in the script it came from.</summary>
public sealed class ErrorTextTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [EngineTheory]
    [InlineData("throw 'no way'", "no way (line 1 char 1: throw 'no way')")]
    [InlineData("\n  1 / 0", "Attempted to divide by zero. (line 2 char 3: 1 / 0)")]
    [InlineData("\n\nGet-Item ./none", "none' because it does not exist. (line 3 char 1: Get-Item ./none)")]
    [InlineData("No-Such 1", "(line 1 char 1: No-Such 1)")]
    [InlineData("[int]::Parse('x')", "(line 1 char 1: [int]::Parse('x'))")]
    [InlineData("Write-Error 'only words' -ErrorAction Stop", "only words (line 1 char 1: Write-Error 'only words' -ErrorAction Stop)")]
    [InlineData("function Inner { throw 'deep' }\nInner", "deep (line 1 char 18: function Inner { throw 'deep' })")]
    public void A_script_without_a_file(string script, string end) => Assert.EndsWith(end, ErrorText.Of(ErrorOf(script)), StringComparison.Ordinal);

    [EngineFact]
    public void A_script_in_a_file_is_named_without_its_folder()
    {
        var path = _directory.Write("site.ps1", "'first'\n    throw 'no way'");
        Assert.Equal("no way (site.ps1:2 char 5: throw 'no way')", ErrorText.Of(ErrorOf($"& '{path}'")));
    }

    [EngineFact]
    public void An_error_with_words_of_its_own_for_users_says_those()
    {
        var error = new ErrorRecord(new InvalidOperationException("inner"), "Id", ErrorCategory.NotSpecified, null) { ErrorDetails = new ErrorDetails("for you") };
        Assert.Equal("for you", ErrorText.Of(error));
    }

    [EngineFact]
    public void An_exception_that_came_through_the_engine_has_its_place()
    {
        var exception = Assert.ThrowsAny<RuntimeException>(() => Run("throw 'no way'"));
        Assert.Equal("no way (line 1 char 1: throw 'no way')", ErrorText.Of(exception));
        Assert.Equal("no way (line 1 char 1: throw 'no way')", ErrorText.Of(new InvalidOperationException("outer", exception)));
        Assert.NotNull(ErrorText.RecordOf(exception));
    }

    [EngineFact]
    public void Any_other_exception_says_its_message()
    {
        Assert.Equal("no", ErrorText.Of(new InvalidOperationException("no")));
        Assert.Null(ErrorText.RecordOf(new InvalidOperationException("no")));
        Assert.Null(ErrorText.RecordOf(null));
    }

    private static ErrorRecord ErrorOf(string script)
    {
        using var shell = Shell.Create();
        try
        {
            shell.AddScript(script).Invoke();
        }
        catch (RuntimeException exception)
        {
            return exception.ErrorRecord;
        }

        return Assert.Single(shell.Streams.Error);
    }

    private static void Run(string script)
    {
        using var shell = Shell.Create();
        shell.AddScript(script).Invoke();
    }
}
