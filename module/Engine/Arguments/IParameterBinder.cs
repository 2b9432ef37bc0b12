using System.Collections;

namespace Http.Server.PowerShell.Engine.Arguments;

/// <summary>Gives the parameters of a handler their values for a request.</summary>
internal interface IParameterBinder
{
    /// <summary>The values by the names of the parameters; one that is not there keeps its default.</summary>
    /// <param name="request">What the handler sees as <c>$Request</c>.</param>
    IDictionary Bind(object request);
}
