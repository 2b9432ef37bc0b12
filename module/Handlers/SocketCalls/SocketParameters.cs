using System.Management.Automation.Language;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Handlers.Binding;

namespace Http.Server.PowerShell.Handlers.SocketCalls;

/// <summary>
/// What the parameters of a WebSocket's scripts are given: <c>$Request</c> the request that it began with, and the others, by
/// their names or else in their order, what the script is called for.
/// </summary>
internal static class SocketParameters
{
    /// <summary>What a script for messages is given.</summary>
    public static readonly string[] OfMessages = ["Message"];

    /// <summary>What a script for the end is given.</summary>
    public static readonly string[] OfCloses = ["Code", "Reason"];

    /// <summary>Reads the parameters.</summary>
    /// <param name="written">The script as it was written.</param>
    /// <param name="values">The names of the values that there are, in their order.</param>
    public static ScriptParameters Read(Ast written, IReadOnlyList<string> values)
    {
        var all = ParameterRoles.Of(written);
        var request = all.FirstOrDefault(static parameter => Is(ParameterRoles.NameOf(parameter), "Request")
            || parameter.StaticType == typeof(ScriptRequest));
        var others = all.Where(parameter => parameter != request).Select(ParameterRoles.NameOf).ToList();
        var sources = new Dictionary<string, string>();
        foreach (var value in values)
        {
            if (others.Find(name => Is(name, value)) is { } named)
                sources[named] = value;
        }

        var free = others.Where(name => !sources.ContainsKey(name));
        foreach (var (name, value) in free.Zip(values.Where(value => !sources.ContainsValue(value))).ToList())
            sources[name] = value;
        var mayBeInOrder = sources.Count > 0 && BlockArguments.AreSuitable(all);
        var requestName = request is null ? null : ParameterRoles.NameOf(request);
        return new ScriptParameters
        {
            Request = requestName,
            Names = [.. sources.Keys],
            MayBeInOrder = mayBeInOrder,
            MakeBinder = sources.Count == 0 ? null : metadata => new SocketBinder(
                sources, mayBeInOrder ? new BlockArguments(all, requestName, metadata) : null),
        };
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
