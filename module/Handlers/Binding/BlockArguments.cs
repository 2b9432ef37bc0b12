using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>
/// The values of a handler's parameters in the order in which the handler has them, to invoke it as a block. The engine's own
/// binding, by names, costs 20 microseconds a call; what it does beyond conversion is done here, or left to it.
/// </summary>
internal sealed class BlockArguments
{
    /// <summary>Attributes whose check needs nothing but the value, and those that are no checks.</summary>
    private static readonly Type[] KnownAttributes =
    [
        typeof(ValidateSetAttribute), typeof(ValidateRangeAttribute), typeof(ValidatePatternAttribute),
        typeof(ValidateLengthAttribute), typeof(ValidateCountAttribute), typeof(ValidateNotNullAttribute),
        typeof(ValidateNotNullOrEmptyAttribute), typeof(AliasAttribute), typeof(AllowNullAttribute),
        typeof(AllowEmptyStringAttribute), typeof(AllowEmptyCollectionAttribute),
    ];

    private readonly BlockParameter[] _parameters;

    /// <param name="written">The parameters, which are <see cref="AreSuitable">suitable</see>.</param>
    /// <param name="request">The one that takes the request; null if none does.</param>
    /// <param name="metadata">What the engine says of them.</param>
    public BlockArguments(
        IEnumerable<ParameterAst> written, string? request, IReadOnlyDictionary<string, ParameterMetadata> metadata) =>
        _parameters = [.. written.Select(parameter => parameter.Name.VariablePath.UserPath)
            .Zip(written, (name, parameter) => new BlockParameter(name, name == request, parameter, metadata[name]))];

    /// <summary>Whether a block with such parameters may be invoked with values that stand in their order.</summary>
    public static bool AreSuitable(IEnumerable<ParameterAst> parameters) => parameters.All(static parameter =>
        BlockParameter.IsConstant(parameter.DefaultValue)
        && parameter.Attributes.OfType<TypeConstraintAst>().Count() <= 1
        && parameter.Attributes.OfType<AttributeAst>().All(
            static attribute => KnownAttributes.Contains(attribute.TypeName.GetReflectionAttributeType())));

    /// <summary>Puts the values in order.</summary>
    /// <param name="values">The values that the request has, by the names of the parameters.</param>
    /// <param name="request">What the handler sees as <c>$Request</c>.</param>
    /// <returns>
    /// Null if the engine has to bind them: to say what is wrong with one, or to make the value of one that the request does not
    /// have.
    /// </returns>
    public object?[]? Find(IDictionary values, object? request)
    {
        var count = Array.FindLastIndex(_parameters, parameter => parameter.IsRequest || values.Contains(parameter.Name)) + 1;
        var arguments = new object?[count];
        for (var place = 0; place < _parameters.Length; place++)
        {
            var parameter = _parameters[place];
            object? value;
            if (parameter.IsRequest)
                value = request;
            else if (values.Contains(parameter.Name) ? !parameter.TryTake(values[parameter.Name], out value)
                : !parameter.TryLeaveOut(isLast: place >= count, out value))
                return null;
            if (place < count)
                arguments[place] = value;
        }

        return arguments;
    }
}
