using System.Reflection;

namespace Http.Server.PowerShell.Handlers.Classes;

/// <summary>The methods by which a class answers requests.</summary>
internal static class ClassMethods
{
    /// <summary>
    /// Looks for methods that are named as those for verbs and would never be called, or not as their writer means
    /// it.
    /// </summary>
    /// <param name="type">A class that answers requests.</param>
    /// <returns>Null if there is none.</returns>
    public static string? FindProblem(Type type)
    {
        for (var level = type; level is not null && level != typeof(BaseHttpRequestHandler)
            && level.Assembly != typeof(BaseHttpRequestHandler).Assembly; level = level.BaseType)
        {
            foreach (var method in level.GetMethods(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
                | BindingFlags.DeclaredOnly))
            {
                if (method.Name == "DoWebSocketAsync")
                {
                    // A compiled class may have one. A script cannot await: it would hold a worker for each client.
                    if (type.Assembly.IsDynamic)
                        return $"the method {method.Name} of {level.Name} would hold a worker for as long as a client stays, so "
                            + "a class of PowerShell has none: use Register-HttpHandler WEBSOCKET, without -HandlerType.";
                    continue;
                }

                if (IsOfVerb(method.Name)
                    && (method.IsStatic || method.GetParameters().Length > 0 || !Answers(method.ReturnType)))
                    return $"the method {method.Name} of {level.Name} cannot answer requests as it is: write it '[void] "
                        + $"{method.Name}()', without parameters and without a value; what it sends goes by $this.SendText() "
                        + "and the like.";
            }
        }

        return null;
    }

    /// <summary>
    /// Looks for a class whose code PowerShell runs in the session that defined it, and nowhere else: a request that calls it
    /// waits until the session has nothing to do. Such are static methods, and all methods of other classes of the same script.
    /// </summary>
    /// <param name="type">A class that answers requests.</param>
    /// <returns>The name of a class; null if there is none.</returns>
    public static string? FindSessionBound(Type type)
    {
        if (!type.Assembly.IsDynamic)
            return null;
        const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.Assembly.GetTypes()
            .Where(static found => found.IsPublic && found.IsClass && !found.Name.Contains('<', StringComparison.Ordinal))
            .Where(static found => found.CustomAttributes.All(
                static attribute => attribute.AttributeType.Name != "NoRunspaceAffinityAttribute"))
            .FirstOrDefault(found => found.GetMethods(found.IsAssignableFrom(type) ? Own : Own | BindingFlags.Instance)
                .Any(static method => !method.IsSpecialName))
            ?.Name;
    }

    /// <summary>DoGet, DoPOST, DoSpam; Document, Done or Download is something else.</summary>
    private static bool IsOfVerb(string name) => name.Length > 2 && name.StartsWith("Do", StringComparison.Ordinal)
        && char.IsAsciiLetterUpper(name[2]);

    private static bool Answers(Type type) => type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask);
}
