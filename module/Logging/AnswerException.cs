namespace Http.Server.PowerShell.Logging;

/// <summary>What a handler put out cannot be sent: an error of .NET, which knows no script, with the place of the handler.</summary>
internal sealed class AnswerException(Exception cause, string place) : Exception(cause.Message, cause)
{
    /// <summary>Where the handler puts it out: <c>site.ps1:12 char 5: $stream</c>.</summary>
    public string Place { get; } = place;

    /// <summary>
    /// What is thrown in an exception's place; the exception itself if the engine knows where it was thrown, or the server has thrown it:
    /// trouble with the client's bytes must reach the server as what it is.
    /// </summary>
    public static Exception Wrap(Exception cause, string place) =>
        ErrorText.RecordOf(cause) is not null || cause.GetType().Assembly == typeof(RequestFaultException).Assembly
            ? cause
            : new AnswerException(cause, place);
}
