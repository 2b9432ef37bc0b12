using System.Management.Automation;

namespace Http.Server.PowerShell.Engine.Arguments;

/// <summary>What the parameters of a handler's script are given, as its text says it.</summary>
internal sealed class ScriptParameters
{
    /// <summary>The variable that a call within a kept pipeline takes the values from.</summary>
    public const string Variable = "HttpHandlerArguments";

    /// <summary>The parameter that takes <c>$Request</c>; null if there is none.</summary>
    public string? Request { get; init; }

    /// <summary>The names of the others.</summary>
    public IReadOnlyCollection<string> Names { get; init; } = [];

    /// <summary>They may be given in their order, without their names.</summary>
    public bool MayBeInOrder { get; init; }

    /// <summary>
    /// Makes what gives the others their values. Types may be of one runspace alone, so each worker makes its own, of what its
    /// engine says of the parameters. Null if there are no others.
    /// </summary>
    public Func<IReadOnlyDictionary<string, ParameterMetadata>, IParameterBinder>? MakeBinder { get; init; }
}
