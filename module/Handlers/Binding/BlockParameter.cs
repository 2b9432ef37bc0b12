using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>A parameter of a handler that is invoked as a block.</summary>
internal sealed class BlockParameter
{
    /// <summary>
    /// The check of an attribute. The method is protected; without it values with checks are left to the engine.
    /// </summary>
    private static readonly MethodInfo? Validate = typeof(ValidateArgumentsAttribute).GetMethod("Validate",
        BindingFlags.NonPublic | BindingFlags.Instance, [typeof(object), typeof(EngineIntrinsics)]);

    private readonly Type _type;
    private readonly Action<object?, EngineIntrinsics?>[] _checks;
    private readonly bool _canBeChecked;
    private readonly object? _default;
    private readonly bool _mayBeLeftOut;

    /// <param name="name">Its name.</param>
    /// <param name="isRequest">It takes the request.</param>
    /// <param name="written">The parameter as it was written.</param>
    /// <param name="metadata">What the engine says of it.</param>
    public BlockParameter(string name, bool isRequest, ParameterAst written, ParameterMetadata metadata)
    {
        (Name, IsRequest) = (name, isRequest);
        _type = metadata.ParameterType ?? typeof(object);
        var attributes = metadata.Attributes.OfType<ValidateArgumentsAttribute>().ToArray();
        _canBeChecked = attributes.Length == 0 || Validate is not null;
        _checks = [.. attributes.Where(static _ => Validate is not null).Select(static attribute =>
            Validate!.CreateDelegate<Action<object?, EngineIntrinsics?>>(attribute))];
        if (written.DefaultValue is { } value && !_type.Assembly.IsDynamic
            && LanguagePrimitives.TryConvertTo(value.SafeGetValue(), _type, null, out var converted))
            _default = converted;
        // A block checks its defaults, which a command does not, and cannot make a date of nothing, say.
        _mayBeLeftOut = attributes.Length == 0
            ? written.DefaultValue is null ? !_type.IsValueType || HasZero(_type) : _default is not null
            : _default is not null && IsAllowed(_default);
    }

    public string Name { get; }

    /// <summary>It takes the request.</summary>
    public bool IsRequest { get; }

    /// <summary>Whether a default is always the same value, of a kind that nobody can change; none is.</summary>
    public static bool IsConstant(ExpressionAst? value) => value switch
    {
        null or ConstantExpressionAst => true,
        UnaryExpressionAst { TokenKind: TokenKind.Minus, Child: ConstantExpressionAst } => true,
        VariableExpressionAst { VariablePath.UserPath: var name } => name.ToUpperInvariant() is "TRUE" or "FALSE",
        _ => false,
    };

    /// <summary>Takes a value that has the parameter's type and passes its checks.</summary>
    public bool TryTake(object? value, out object? taken)
    {
        taken = value is bool isPresent && _type == typeof(SwitchParameter) ? new SwitchParameter(isPresent) : value;
        return taken is not null && _type.IsInstanceOfType(taken) && IsAllowed(taken);
    }

    /// <summary>Takes no value.</summary>
    /// <param name="isLast">No parameter after it has a value: the block gives it its default.</param>
    /// <param name="taken">The value that stands for it otherwise.</param>
    public bool TryLeaveOut(bool isLast, out object? taken)
    {
        taken = _default;
        return _mayBeLeftOut && (isLast || taken is not null);
    }

    private static bool HasZero(Type type) => type == typeof(SwitchParameter) || Nullable.GetUnderlyingType(type) is not null
        || type == typeof(decimal) || (type.IsPrimitive && type != typeof(char));

    private bool IsAllowed(object value)
    {
        if (!_canBeChecked)
            return false;
        try
        {
            foreach (var check in _checks)
                check(value, null);
            return true;
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            // The engine binds the value then, and says what is wrong with it.
            return false;
        }
    }
}
