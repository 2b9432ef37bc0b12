using System.Management.Automation;
using Http.Server.PowerShell.Handlers.Using;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>The values that a script block takes with it from where it is registered, by <c>$using:</c>.</summary>
internal static class CapturedValues
{
    /// <summary>Takes the values.</summary>
    /// <param name="script">The script block.</param>
    /// <param name="session">Where the cmdlet was called.</param>
    /// <param name="what">What is registered, for the message: "handler".</param>
    /// <param name="fail">Ends the cmdlet with an error: its message, its id, its category and what it is about.</param>
    /// <returns>Null if the script block takes none.</returns>
    public static UsingTable? Of(
        ScriptBlock script, SessionState session, string what, Action<string, string, ErrorCategory, object?> fail)
    {
        var captured = UsingValues.Capture(script, path => FindVariable(session, path), out var missing);
        if (missing is not null)
            fail($"$using:{missing} has no value: there is no variable ${missing} where the {what} is registered. Assign it "
                + "before.", "UsingValueMissing", ErrorCategory.ObjectNotFound, missing);
        return captured;
    }

    /// <summary>A variable of the session; an environment variable, or another item of a drive, as one.</summary>
    private static PSVariable? FindVariable(SessionState session, VariablePath path) => path.IsDriveQualified
        ? new PSVariable("value", session.PSVariable.GetValue(path.UserPath))
        : session.PSVariable.Get(path.UserPath);
}
