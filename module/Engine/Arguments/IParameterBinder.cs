using System.Collections;

namespace Http.Server.PowerShell.Engine.Arguments;

/// <summary>Gives the parameters of a handler their values for a request.</summary>
internal interface IParameterBinder
{
    /// <summary>The values by the names of the parameters; one that is not there keeps its default.</summary>
    /// <param name="request">What the handler sees as <c>$Request</c>.</param>
    IDictionary Bind(object request);

    /// <summary>Puts these values in the order of the parameters, for a script that is invoked as a block.</summary>
    /// <param name="values">What <see cref="Bind"/> has given.</param>
    /// <param name="request">What the handler sees as <c>$Request</c>.</param>
    /// <returns>Null if the script has to be called with the names of its parameters.</returns>
    object?[]? Arrange(IDictionary values, object? request);
}
