using System.Management.Automation;

namespace Http.Server.PowerShell.Logging;

/// <summary>
/// An error of a handler that the engine knows no place of, with the place of the handler: one of .NET in what it put
/// out, say.
/// </summary>
internal sealed class AnswerException(Exception cause, string message, string place) : Exception(message, cause)
{
    /// <summary>The place in the script that puts it out: <c>site.ps1:12 char 5: $stream</c>.</summary>
    public string Place { get; } = place;

    /// <summary>
    /// What is thrown in an exception's place; the exception itself if the engine knows where it was thrown, or the server has
    /// thrown it: trouble with the client's bytes must reach the server as what it is.
    /// </summary>
    /// <param name="cause">The exception.</param>
    /// <param name="place">Where the handler puts out its answer.</param>
    /// <param name="placeOf">The place of a line of a script, if it is the handler's; else null.</param>
    public static Exception Wrap(Exception cause, string place, Func<string?, int, string?> placeOf)
    {
        if (cause is PipelineStoppedException || cause.GetType().Assembly == typeof(RequestFaultException).Assembly)
            return cause;
        if (ErrorText.RecordOf(cause) is not { } record)
            return new AnswerException(cause, cause.Message, place);
        if (ErrorText.PlaceOf(record) is not null)
            return cause;
        var top = ErrorText.TopOf(record);
        // Of a line of another script only its name and number are known.
        return (top is { } at ? placeOf(at.File, at.Line) : place) is { } known
            ? new AnswerException(cause, ErrorText.MessageOf(record), known)
            : cause;
    }
}
