using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Http.Server.PowerShell.Logging;

/// <summary>Errors of scripts in one line, with the position in the script.</summary>
internal static partial class ErrorText
{
    /// <summary>Longest line of a script that is told, in characters.</summary>
    private const int LongestLine = 200;

    /// <summary>The message and the position: <c>No such file (site.ps1:12 char 5: Get-Item $path)</c>.</summary>
    public static string Of(ErrorRecord error)
    {
        var message = error.ErrorDetails?.Message ?? error.Exception?.Message ?? error.ToString();
        if (error.InvocationInfo is not { ScriptLineNumber: > 0 } at)
            return StackTop().Match(error.ScriptStackTrace ?? "") is { Success: true, Groups: var top } ? $"{message} ({Place(top[1].Value)}{top[2].Value})" : message;
        return string.Create(CultureInfo.InvariantCulture, $"{message} ({Place(at.ScriptName)}{at.ScriptLineNumber} char {at.OffsetInLine}: {Cut(at.Line.Trim())})");
    }

    private static string Cut(string line) => line.Length > LongestLine ? line[..LongestLine] + "..." : line;

    private static string Place(string? file) => string.IsNullOrEmpty(file) || file == "<No file>" ? "line " : Path.GetFileName(file) + ":";

    /// <summary>Where an error was written that the engine gives no position, because its writer was called from outside a script.</summary>
    [GeneratedRegex(@"\A[^\r\n]*, ([^\r\n]+): line ([0-9]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex StackTop();

    /// <inheritdoc cref="Of(ErrorRecord)"/>
    public static string Of(Exception exception) => exception is AnswerException answer
        ? $"{answer.Message} ({answer.Place})"
        : RecordOf(exception) is { } error ? Of(error) : exception.Message;

    /// <summary>The place of a piece of a script, in the form of the errors' positions.</summary>
    public static string PlaceOf(IScriptExtent extent) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Place(extent.File)}{extent.StartLineNumber} char {extent.StartColumnNumber}: {Cut(extent.StartScriptPosition.Line.Trim())}");

    /// <summary>What the engine knows of an exception; null if it did not come through the engine.</summary>
    public static ErrorRecord? RecordOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is IContainsErrorRecord { ErrorRecord: { } record })
                return record;
        }

        return null;
    }
}
