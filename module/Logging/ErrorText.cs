using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Http.Server.PowerShell.Logging;

/// <summary>Errors of scripts in one line, with the position in the script.</summary>
internal static partial class ErrorText
{
    /// <summary>Longest line of a script that is told, in characters.</summary>
    private const int MaxLineLength = 200;

    /// <summary>What a stack trace calls a script that has no file.</summary>
    private const string NoFile = "<No file>";

    /// <summary>The message and the position: <c>No such file (site.ps1:12 char 5: Get-Item $path)</c>.</summary>
    /// <param name="error">The error.</param>
    /// <param name="running">Gives what the script is at, for errors of which the engine knows only who called; null if it has
    /// ended.</param>
    public static string Of(ErrorRecord error, Func<IScriptExtent?>? running = null)
    {
        var message = MessageOf(error);
        if (PlaceOf(error) is { } place)
            return $"{message} ({place})";
        if (running?.Invoke() is { } extent)
            return $"{message} ({PlaceOf(extent)})";
        return TopOf(error) is { } top ? $"{message} ({Place(top.File)}{top.Line})" : message;
    }

    /// <summary>What an error says.</summary>
    public static string MessageOf(ErrorRecord error) =>
        error.ErrorDetails?.Message ?? error.Exception?.Message ?? error.ToString();

    /// <summary>
    /// Where the engine says that an error is from; null if it does not know, or names the module's own call of the
    /// handler.
    /// </summary>
    public static string? PlaceOf(ErrorRecord error) =>
        error.InvocationInfo is { ScriptLineNumber: > 0 } at && !OwnScript.IsLine(at.Line)
            ? string.Create(CultureInfo.InvariantCulture,
                $"{Place(at.ScriptName)}{at.ScriptLineNumber} char {at.OffsetInLine}: {Cut(at.Line.Trim())}")
            : null;

    /// <summary>The line of a script, in the form of the errors' positions.</summary>
    public static string PlaceOf(string? file, int line, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{Place(file)}{line}: {Cut(text.Trim())}");

    /// <summary>
    /// The script and the line in which an error was written that has no position; null if that is not known
    /// either.
    /// </summary>
    public static (string? File, int Line)? TopOf(ErrorRecord error) =>
        StackTop().Match(error.ScriptStackTrace ?? "") is { Success: true, Groups: var top }
            && int.TryParse(top[2].ValueSpan, CultureInfo.InvariantCulture, out var line)
            ? (top[1].Value == NoFile ? null : top[1].Value, line)
            : null;

    private static string Cut(string line) => line.Length > MaxLineLength ? line[..MaxLineLength] + "..." : line;

    private static string Place(string? file) => string.IsNullOrEmpty(file) ? "line " : Path.GetFileName(file) + ":";

    /// <summary>
    /// Where an error was written that the engine gives no position, because its writer was called from outside a
    /// script.
    /// </summary>
    [GeneratedRegex(@"\A[^\r\n]*, ([^\r\n]+): line ([0-9]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex StackTop();

    /// <summary>The message and the position.</summary>
    public static string Of(Exception exception) => exception is AnswerException answer
        ? $"{answer.Message} ({answer.Place})"
        : RecordOf(exception) is { } error ? Of(error) : exception.Message;

    /// <summary>The place of a piece of a script, in the form of the errors' positions.</summary>
    public static string PlaceOf(IScriptExtent extent) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Place(extent.File)}{extent.StartLineNumber} char {extent.StartColumnNumber}: "
            + $"{Cut(extent.StartScriptPosition.Line.Trim())}");

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
