using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Xml;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>A parameter that is bound by its name, as the engine of one runspace knows it.</summary>
internal sealed class BoundParameter
{
    /// <summary>Longest text of a client that an answer repeats, in characters.</summary>
    private const int MaxRepeated = 100;

    /// <summary>Longest reason of the engine, which may repeat a client's text too.</summary>
    private const int MaxReason = 300;

    private readonly Type _type;
    private readonly string[] _names;
    private readonly bool _isScript;
    private readonly bool _isNullable;
    private readonly bool _isTruth;
    private readonly bool _takesSeveral;
    private readonly bool _isLeftToEngine;

    public BoundParameter(ParameterMetadata metadata)
    {
        Name = metadata.Name;
        _names = [metadata.Name, .. metadata.Aliases];
        _type = metadata.ParameterType ?? typeof(object);
        IsMandatory = metadata.ParameterSets.TryGetValue(ParameterAttribute.AllParameterSets, out var set) && set.IsMandatory;
        _isScript = IsScript(_type);
        _isNullable = Nullable.GetUnderlyingType(_type) is not null;
        var element = ElementOf(_type);
        var inner = Nullable.GetUnderlyingType(element ?? _type) ?? element ?? _type;
        _isTruth = inner == typeof(bool) || inner == typeof(SwitchParameter);
        IsFile = inner == typeof(UploadedFile);
        IsWhole = IsWholeType(inner);
        _takesSeveral = element is not null || _type == typeof(object);
        // The code of PowerShell's classes runs within a call, and so do transformations.
        _isLeftToEngine = inner.Assembly.IsDynamic || metadata.Attributes.Any(static attribute =>
            attribute is ArgumentTransformationAttribute && attribute.GetType().Assembly.GetName().Name
                != "System.Management.Automation")
            || metadata.Attributes.Any(static attribute => attribute is CredentialAttribute);
    }

    public string Name { get; }

    /// <summary>It has no default: without a value the handler is not called.</summary>
    public bool IsMandatory { get; }

    /// <summary>It takes the body as a whole: a table, or an object of a class.</summary>
    public bool IsWhole { get; }

    /// <summary>It takes files of a form.</summary>
    public bool IsFile { get; }

    /// <summary>A value of the type is a script, or a list of some.</summary>
    public static bool IsScript(Type type) => (ElementOf(type) ?? type) == typeof(ScriptBlock);

    /// <summary>Finds the value.</summary>
    public bool TryFind(ParameterValues values, out object? value)
    {
        value = null;
        if (_isScript)
            return false;
        if (IsWhole)
            return values.TryFindBody(out value);
        foreach (var name in _names)
        {
            if (IsFile && values.FindFiles(name) is { Length: > 0 } files)
            {
                value = files.Length == 1 ? files[0] : files;
                return true;
            }

            if (!IsFile && values.TryFind(name, out value))
                return true;
        }

        return false;
    }

    /// <summary>Converts a value to the type, as PowerShell would, in no culture.</summary>
    /// <exception cref="ParameterException">It cannot be converted.</exception>
    public object? Convert(object? value)
    {
        var several = value as IList;
        if (several is not null && !_takesSeveral)
        {
            if (IsWhole)
                throw Fault("takes an object: the body is a list");
            throw Fault("takes one value: it was given " + (value is string[]? $"{several.Count}" : "a list"));
        }

        if (_isTruth)
            return several is null ? TruthOf(value) : several.Cast<object?>().Select(TruthOf).ToArray();
        if (IsWhole)
        {
            if ((several?.Cast<object?>() ?? [value]).Any(static item => item is not IDictionary))
                throw Fault($"takes an object: the body is {(several is null ? "another value" : "a list of other values")}");
        }
        else if (_type != typeof(object) && (several?.Cast<object?>() ?? [value]).Any(static item => item is IDictionary))
        {
            throw Fault("takes a value: it was given an object");
        }

        if (value is "" && _isNullable)
            return null;
        // Most numbers are this, and the engine's way to the same takes a lock that all workers share.
        if (_type == typeof(int) && value is string { Length: > 0 and < 10 } digits
            && !digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (_isLeftToEngine || value is null || _type.IsInstanceOfType(value))
            return value;
        if (_type == typeof(string) || _type == typeof(string[]))
            return several is null ? TextOf(value) : several.Cast<object?>().Select(TextOf).ToArray();
        try
        {
            return LanguagePrimitives.ConvertTo(value, _type, CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            throw Fault(IsWhole || several is not null
                ? $"cannot be made of that: {ReasonOf(exception)}"
                : $"takes {NameOf(_type)}: {Quote(value)} is none ({ReasonOf(exception)})");
        }
    }

    /// <summary>Says that the parameter has no value.</summary>
    public ParameterFault Missing() => new(Name, $"The parameter {Name} is missing: give it in "
        + (IsWhole ? "the body, as a JSON object or a form." : IsFile ? "a form, as a file."
            : "the query, in a form, or in a JSON object."));

    /// <summary>The innermost reason, on one line and without the period at its end.</summary>
    public static string ReasonOf(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;
        var words = exception.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return Shorten(string.Join(' ', words), MaxReason).TrimEnd('.');
    }

    /// <summary>What a type is a list of; null if it is none.</summary>
    public static Type? ElementOf(Type type) => type.IsArray
        ? type.GetElementType()
        : type == typeof(string) || typeof(IDictionary).IsAssignableFrom(type) || typeof(XmlNode).IsAssignableFrom(type)
            ? null
            : type.GetInterfaces().Append(type)
                .FirstOrDefault(static shape => shape.IsGenericType && shape.GetGenericTypeDefinition() == typeof(IEnumerable<>))
                ?.GetGenericArguments()[0]
                ?? (typeof(IEnumerable).IsAssignableFrom(type) && type != typeof(PSObject) ? typeof(object) : null);

    /// <summary>
    /// A table, or a class that is made of nothing and has its properties set; what text can become is no such.
    /// </summary>
    private static bool IsWholeType(Type type)
    {
        if (typeof(IDictionary).IsAssignableFrom(type) || type == typeof(PSObject) || type == typeof(PSCustomObject))
            return true;
        if (!type.IsClass || type == typeof(object) || type == typeof(string) || typeof(XmlNode).IsAssignableFrom(type)
            || type.GetConstructor(Type.EmptyTypes) is null)
            return false;
        return type.Assembly.IsDynamic || (type.GetConstructor([typeof(string)]) is null
            && type.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, [typeof(string)]) is null);
    }

    private object TruthOf(object? value) => $"{(value is bool ? value : TextOf(value))}".ToUpperInvariant() switch
    {
        "" or "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw Fault($"takes true or false: {Quote(value)} is neither"),
    };

    /// <summary>JSON has no dates: what was taken for one is text again.</summary>
    private static string? TextOf(object? value) => value is null ? null : value as string ?? JsonScalar.NameOf(value);

    private static string NameOf(Type type) => JsonScalar.TextOf(type);

    private static string Quote(object? value) => $"'{Shorten(TextOf(value) ?? "null", MaxRepeated)}'";

    private static string Shorten(string text, int max) => text.Length > max ? text[..max] + "..." : text;

    private ParameterException Fault(string what) => new(new ParameterFault(Name, $"The parameter {Name} {what}."));
}
