using System.Management.Automation;
using Http.Server.PowerShell.Engine.Scripts;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>Tells the engine's refusal of a request's values from errors of the handler itself.</summary>
internal static class EngineFaults
{
    /// <summary>What the engine said of a parameter of the handler; null if the error is another.</summary>
    /// <param name="exception">What the call threw.</param>
    /// <param name="script">The handler.</param>
    public static ParameterException? Find(Exception exception, CallableScript script)
    {
        if (exception is not ParameterBindingException binding || binding.CommandInvocation?.MyCommand?.Name is not { } name
            || (name != script.Name && name != script.Name + ClassScript.Suffix)
            || (binding.ParameterName is { } own && own == script.Parameters.Request))
            return null;
        var reason = BoundParameter.ReasonOf(binding.InnerException ?? binding);
        // The engine's own words for a ValidateScript without ErrorMessage repeat its text, which no client is told.
        if (reason.Contains("validation script", StringComparison.Ordinal))
            reason = "the value is not valid";
        return binding.ParameterName is { Length: > 0 } parameter
            ? new ParameterException(new ParameterFault(parameter, $"The parameter {parameter} was not taken: {reason}."))
            : new ParameterException(new ParameterFault(null, reason + "."));
    }
}
