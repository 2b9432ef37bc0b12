using System.Globalization;
using System.Management.Automation;

namespace Http.Server.PowerShell.Logging;

/// <summary>Errors of scripts in one line, with the position in the script.</summary>
internal static class ErrorText
{
    /// <summary>The message and the position: <c>No such file (site.ps1:12 char 5: Get-Item $path)</c>.</summary>
    public static string Of(ErrorRecord error)
    {
        var message = error.ErrorDetails?.Message ?? error.Exception?.Message ?? error.ToString();
        if (error.InvocationInfo is not { ScriptLineNumber: > 0 } at)
            return message;
        var file = string.IsNullOrEmpty(at.ScriptName) ? "line " : Path.GetFileName(at.ScriptName) + ":";
        return string.Create(CultureInfo.InvariantCulture, $"{message} ({file}{at.ScriptLineNumber} char {at.OffsetInLine}: {at.Line.Trim()})");
    }

    /// <inheritdoc cref="Of(ErrorRecord)"/>
    public static string Of(Exception exception) =>
        RecordOf(exception) is { } error ? Of(error) : exception.Message;

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
