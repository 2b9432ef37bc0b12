using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Http.Server.Host.Scripts;

/// <summary>Errors in the form of compilers, which editors can follow: <c>server.ps1:12:5: message</c>.</summary>
internal static partial class ScriptError
{
    public static string Of(ErrorRecord error)
    {
        if (error.Exception is ParseException parse)
            return Of(parse);
        var message = error.ErrorDetails?.Message ?? error.Exception?.Message ?? error.ToString();
        if (error.InvocationInfo is not { ScriptLineNumber: > 0 } at)
        {
            return StackTop().Match(error.ScriptStackTrace ?? "") is { Success: true, Groups: var top }
                ? $"{top[1].Value}:{top[2].Value}: {message}"
                : message;
        }

        return Place(at.ScriptName, at.ScriptLineNumber, at.OffsetInLine) + message
            + (at.Line.Trim() is { Length: > 0 } line ? $"{Environment.NewLine}    {line}" : "");
    }

    public static string Of(RuntimeException exception) =>
        exception is ParseException parse ? Of(parse) : Of(exception.ErrorRecord);

    /// <summary>The first mistake of a script that does not parse; the others mostly follow from it.</summary>
    public static string Of(ParseError error)
    {
        var at = error.Extent.StartScriptPosition;
        return Place(at.File, at.LineNumber, at.ColumnNumber) + error.Message
            + (at.Line.Trim() is { Length: > 0 } line ? $"{Environment.NewLine}    {line}" : "");
    }

    /// <summary>The innermost line of a script stack trace: the place of an error that has no position of its own.</summary>
    [GeneratedRegex(@"\A[^\r\n]*, ([^\r\n<]+): line ([0-9]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex StackTop();

    private static string Of(ParseException exception) => exception.Errors is [var first, ..] ? Of(first) : exception.Message;

    private static string Place(string? file, int line, int column) =>
        string.Create(CultureInfo.InvariantCulture, $"{(string.IsNullOrEmpty(file) ? "line " : file + ":")}{line}:{column}: ");
}
