using System.Collections;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Handlers.Binding;

namespace Http.Server.PowerShell.Handlers.SocketCalls;

/// <summary>Gives the parameters of a WebSocket's script the values that it is called with.</summary>
/// <param name="sources">The values' names by the parameters'.</param>
/// <param name="inOrder">Puts the values in order; null if the engine has to bind them by their names.</param>
internal sealed class SocketBinder(IReadOnlyDictionary<string, string> sources, BlockArguments? inOrder) : IParameterBinder
{
    /// <inheritdoc/>
    public IDictionary Bind(object request)
    {
        var values = ((ScriptRequest)request).SocketValues;
        var arguments = new Hashtable(sources.Count);
        foreach (var (parameter, value) in sources)
            arguments[parameter] = values?[value];
        return arguments;
    }

    /// <inheritdoc/>
    public object?[]? Arrange(IDictionary values, object? request) => inOrder?.Find(values, request);
}
