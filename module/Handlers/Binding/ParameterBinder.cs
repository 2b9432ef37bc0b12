using System.Collections;
using Http.Server.PowerShell.Engine.Arguments;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>
/// Finds and converts the values of a handler's parameters; the engine then validates them by the attributes of the parameters.
/// </summary>
/// <param name="parameters">The parameters that are bound.</param>
/// <param name="hasBody">Whether the body is looked at too.</param>
/// <param name="inOrder">Puts the values in order; null if the engine has to bind them by their names.</param>
internal sealed class ParameterBinder(IReadOnlyList<BoundParameter> parameters, bool hasBody, BlockArguments? inOrder)
    : IParameterBinder
{
    /// <inheritdoc/>
    /// <exception cref="ParameterException">A value is missing, or cannot be converted.</exception>
    public IDictionary Bind(object request)
    {
        var values = new ParameterValues((IRequestValues)request, hasBody);
        var arguments = new Hashtable(parameters.Count);
        List<ParameterFault>? faults = null;
        foreach (var parameter in parameters)
        {
            try
            {
                if (parameter.TryFind(values, out var value))
                    arguments[parameter.Name] = parameter.Convert(value);
                else if (parameter.IsMandatory)
                    throw new ParameterException(parameter.Missing());
            }
            catch (ParameterException exception)
            {
                (faults ??= []).AddRange(exception.Faults);
                // A body that cannot be read is so for all.
                if (exception.Faults is [{ Parameter: null }])
                    break;
            }
        }

        return faults is null ? arguments : throw new ParameterException(faults);
    }

    /// <inheritdoc/>
    public object?[]? Arrange(IDictionary values, object? request) => inOrder?.Find(values, request);
}
